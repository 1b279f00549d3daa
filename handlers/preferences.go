package handlers

import (
	"context"
	"encoding/json"

	"example.com/shiftswfi/eligibility"
)

// updateUser keeps a worker's shift preferences. The call names no team, so
// they are kept with every team that knows the worker.
func (s *server) updateUser(c *callback) ([]byte, error) {
	u, err := c.newUpdate(userKinds)
	if err != nil {
		return nil, err
	}
	for _, i := range u.items {
		i.belongTo(c.user)
	}
	ctx, cancel := u.patience()
	defer cancel()
	if err := u.decideOnTeamsOf(ctx, c.user); err != nil {
		u.refuseAll(err)
	}
	return u.encode(), nil
}

// belongTo writes into preferences whose they are: only the path says so.
func (i *updateItem) belongTo(user string) {
	var body map[string]json.RawMessage
	if i.early != nil || i.name == "" || len(i.Body) == 0 || json.Unmarshal(i.Body, &body) != nil {
		return
	}
	name, err := json.Marshal(user)
	if err != nil {
		return
	}
	body["userId"] = name
	if whole, err := json.Marshal(body); err == nil {
		i.Body, i.entity = whole, user
	}
}

// decideOnTeamsOf decides the batch on each team that knows the user. Should
// one fail, a repeat of the call does to the others what was done already.
func (u *update) decideOnTeamsOf(ctx context.Context, user string) error {
	teams := u.integration.Teams
	if len(teams) == 0 {
		var err error
		if teams, err = u.teams.TeamIDs(ctx); err != nil {
			return err
		}
	}
	var unread error // a team that cannot be read is no reason to fail the others
	known := false
	for _, id := range teams {
		team, err := u.teams.Team(ctx, id)
		switch {
		case isTeamNotFound(err):
			continue
		case err != nil:
			unread = err
			continue
		case !team.Knows(user):
			continue
		}
		known = true
		if err := u.decideOn(ctx, id); err != nil {
			return err
		}
	}
	switch {
	case known:
		return nil
	case unread != nil:
		return unread
	}
	return itemError{code: eligibility.UserNotFound}
}
