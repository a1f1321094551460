// Texts travel in links as base64 without the signs that an address gives a meaning of their own.
export function encodeText(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Null where the letters are no text.
export function decodeText(letters) {
  try {
    const bytes = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (letter) => letter.codePointAt(0)));
  } catch {
    return null;
  }
}
