// The keys seen last: remembers so many and forgets the oldest, so that memory stays bounded.

export interface Recent {
  /** false when the key was remembered already. */
  add(key: string): boolean;
  has(key: string): boolean;
}

export function createRecent(limitCount: number): Recent {
  const keys = new Set<string>();
  return {
    add(key) {
      if (keys.has(key)) return false;
      keys.add(key);
      if (keys.size > limitCount) for (const oldest of keys) return keys.delete(oldest);
      return true;
    },
    has: (key) => keys.has(key),
  };
}
