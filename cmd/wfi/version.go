package main

import (
	"fmt"
	"runtime/debug"
)

// versionCmd is wfi version.
type versionCmd struct{}

// Run prints the version that the Go toolchain recorded in the binary.
func (versionCmd) Run(p *process) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{Main: debug.Module{Version: "unknown"}}
	}
	_, err := fmt.Fprintln(p.stdout, "wfi", versionText(info))
	return err
}

// versionText says in one line which source a binary was built from, and with
// what.
func versionText(info *debug.BuildInfo) string {
	text := info.Main.Version
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			text += " " + setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			text += " (modified)"
		}
	}
	return text + " " + info.GoVersion
}
