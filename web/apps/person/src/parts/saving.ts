/** Saving bytes as a file, where the browser saves files. I/O: the browser's downloads. */

/** Let the browser save `content` under `name`. */
export function saveAs(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
