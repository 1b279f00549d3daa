package main

import "net/http"

// scheduleFaults are in how a manager's own changes are read.
var scheduleFaults = []fault{
	{
		name: "takes an assigned open shift for a new one", caughtBy: "update.open-shift-assigned-answered",
		also: []string{"update.open-shift-assigned-carried-out"},
		serve: func(c *faultyCall) faultyAnswer {
			if open := c.first("openshifts"); open != nil && len(c.items) == 2 {
				return c.forwardItems(open)
			}
			return c.forward()
		},
	},
	{
		name: "has no handler for open shifts alone", caughtBy: "update.open-shift",
		serve: refusing(func(c *faultyCall) bool { return len(c.items) == 1 && c.first("openshifts") != nil }),
	},
	{
		name: "cannot change open shifts", caughtBy: "update.open-shift", also: []string{"update.open-shift-deleted"},
		serve: refusing(func(c *faultyCall) bool {
			return len(c.items) == 1 && c.first("openshifts") != nil && c.items[0]["method"] == "PUT"
		}),
	},
	{
		name: "has no handler for new shifts", caughtBy: "update.shift-shared", also: []string{"update.shift-drafted", "batch.kind-by-segments", "batch.kind-letter-case"},
		serve: refusing(func(c *faultyCall) bool {
			return len(c.items) == 1 && c.first("shifts") != nil && c.items[0]["method"] == "POST"
		}),
	},
	{
		name: "knows no drafts", caughtBy: "update.shift-drafted",
		serve: refusing(func(c *faultyCall) bool {
			return c.first("shifts") != nil && c.items[0]["method"] == "POST" && at(c.items[0], "body", "sharedShift") == nil
		}),
	},
	{
		name: "deletes at the first stage and does not know the shift at the second", caughtBy: "update.shift-deleted-in-stages",
		serve: refusing(func(c *faultyCall) bool {
			return c.first("shifts") != nil && at(c.items[0], "body", "sharedShift", "isActive") == false
		}),
	},
	{
		name: "deletes nothing that is gone", caughtBy: "update.shift-deleted-twice",
		serve: func(c *faultyCall) faultyAnswer {
			shift := c.first("shifts")
			if shift == nil || len(c.items) > 1 {
				return c.forward()
			}
			known := "shift " + shift["id"].(string)
			switch {
			case at(shift, "body", "sharedShift", "isActive") == false:
				if !c.was(known) {
					return c.refuseAll(http.StatusNotFound)
				}
				c.forget(known)
			default:
				c.note(known)
			}
			return c.forward()
		},
	},
	{
		name: "deletes no shift without a body", caughtBy: "update.shift-deleted",
		serve: func(c *faultyCall) faultyAnswer {
			if shift := c.first("shifts"); shift != nil && len(c.items) == 1 {
				known := "shift " + shift["id"].(string)
				if shift["method"] == "DELETE" && c.was(known) {
					return faultyAnswer{status: http.StatusInternalServerError}
				}
				c.note(known)
			}
			return c.forward()
		},
	},
	{
		name: "keeps what is deleted", caughtBy: "update.shift-carried-out",
		serve: func(c *faultyCall) faultyAnswer {
			if len(c.items) == 1 && c.first("shifts") != nil && c.items[0]["method"] == "DELETE" {
				return c.saveAll()
			}
			return c.forward()
		},
	},
}
