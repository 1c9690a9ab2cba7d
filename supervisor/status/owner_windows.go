package status

import "io/fs"

// ownedByUser: on Windows the folder lies in the user's profile, whose access
// list keeps others out.
func ownedByUser(fs.FileInfo) bool { return true }
