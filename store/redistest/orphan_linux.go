package redistest

import (
	"os/exec"
	"syscall"
)

// endWithTest lets a server end with a test process that could not clean up,
// such as one that ran out of time.
func endWithTest(server *exec.Cmd) {
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
