/** Lets one waiter sleep until something may have changed. A ring while nobody waits is not lost. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    if (this.wake) {
      this.wake();
      this.wake = undefined;
    } else {
      this.rung = true;
    }
  }

  wait(): Promise<void> {
    if (this.rung) {
      this.rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
