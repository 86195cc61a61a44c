package host

// Changed reports whether Commit would change what serves: what is behind a secret
// may be another one although the configuration is the same. Settings that are
// refused as before change nothing.
func (r *Prepared) Changed() bool {
	for _, c := range r.changes {
		if c.first != nil || c.amended != nil && c.serves() {
			return true
		}
	}
	return len(r.changes) != len(r.host.now.Load().processes)
}

// serves reports whether an amended process will serve other accounts than before.
func (c *change) serves() bool {
	for name, one := range c.next {
		if one != c.former[name] && one.provider != nil {
			return true
		}
	}
	return len(c.next) != len(c.former)
}
