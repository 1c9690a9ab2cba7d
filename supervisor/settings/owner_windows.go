package settings

import "io/fs"

// ownedByUser: on Windows the folder is in the user's profile.
func ownedByUser(fs.FileInfo) bool { return true }
