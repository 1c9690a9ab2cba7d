package config

import (
	"bytes"
	"slices"
)

// ReadKeys reads the settings with these keys from a config.ini, and nothing
// else: what else is in the file, such as the password, is overwritten before it
// is parsed, so that no copy of it stays in the memory. Nothing can overwrite a
// string.
func ReadKeys(path string, keys ...string) (File, error) {
	b, err := Read(path)
	if err != nil {
		return File{}, err
	}
	return ParseKeys(b, keys...), nil
}

// ParseKeys is [ReadKeys] for what was read already. It overwrites all else in b.
func ParseKeys(b []byte, keys ...string) File {
	blank(b, keys)
	return Parse(b)
}

// blank overwrites everything but the settings with these keys, and the ends of
// lines: what continues a line still does.
func blank(b []byte, keys []string) {
	keep, continued := false, false
	for len(b) > 0 {
		end := bytes.IndexAny(b, "\r\n")
		if end < 0 {
			end = len(b)
		}
		line := b[:end]
		if b = b[end:]; bytes.HasPrefix(b, []byte("\r\n")) {
			b = b[1:]
		}
		if len(b) > 0 {
			b = b[1:]
		}
		part := bytes.TrimLeft(line, blanks)
		isComment := !continued && len(part) > 0 && (part[0] == '#' || part[0] == '!')
		if !continued {
			keep = hasKey(part, keys)
		}
		backslashes := len(part) - len(bytes.TrimRight(part, `\`))
		continues := backslashes%2 == 1 && !isComment
		if !keep {
			for i := range part[:len(part)-backslashes] {
				part[i] = '#'
			}
		}
		continued = continues && (continued || len(part) > 1) // as long as nothing is there, the next line begins anew
	}
}

// hasKey reports one of the keys in front of a value. A key with escapes is
// none.
func hasKey(line []byte, keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		rest, found := bytes.CutPrefix(line, []byte(key))
		return found && (len(rest) == 0 || bytes.IndexByte([]byte("=:"+blanks), rest[0]) >= 0)
	})
}
