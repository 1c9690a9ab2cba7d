package status

import "io/fs"

// owned: on Windows the folder lies in the user's profile, whose access list
// keeps others out.
func owned(fs.FileInfo) bool { return true }
