package status

import "io/fs"

// ownedByUser: on Windows the folder is in the user's profile, and its access
// list keeps others out.
func ownedByUser(fs.FileInfo) bool { return true }
