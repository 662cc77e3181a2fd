/** Of this package; what a page hears that asks the worker for its version. */
export const VERSION = "0.1.0";
