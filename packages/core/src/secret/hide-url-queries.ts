/**
 * The query or the fragment of a URL. The search is linear: it looks back only from a `?` or `#`, and only to the one before.
 */
const afterPath = /[?#](?<=https?:\/\/[^\s?#]+[?#])[^\s"'<>)]*/gi;

/** Removes queries and fragments from the URLs in a message: they may hold keys, such as `?subscription-key=…`. */
export function hideUrlQueries(message: string): string {
  return message.replace(afterPath, '');
}
