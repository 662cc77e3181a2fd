/** The part of the package that the tests use. */
declare module "wns" {
  export interface Options {
    client_id: string;
    client_secret: string;
    accessToken?: string;
    headers?: Record<string, string>;
  }
  export interface Result {
    statusCode: number;
    headers: Record<string, string>;
    newAccessToken?: string;
  }
  export type Callback = (error: Error | null, result?: Result) => void;
  type Send<Payload> = (channel: string, payload: Payload, options: Options, callback: Callback) => void;
  type Texts = Record<string, string>;
  const wns: Record<`send${string}`, Send<Texts>> & {
    sendToastText02: Send<Texts>;
    sendBadge: Send<string | number>;
    sendRaw: Send<string>;
    send(channel: string, payload: string, type: string, options: Options, callback: Callback): void;
    /** One or more bindings, the options, the callback. */
    sendTile(channel: string, ...more: unknown[]): void;
    sendToast(channel: string, ...more: unknown[]): void;
  };
  export default wns;
}
