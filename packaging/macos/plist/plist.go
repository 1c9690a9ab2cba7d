// Package plist encodes and decodes property lists in Apple's XML format (man 5
// plist). It supports the few types of value that our property lists hold.
package plist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Dict is a dictionary that keeps the order of its keys.
type Dict []Entry

// An Entry is one key of a dictionary with its value: a string, bool, int,
// []string or Dict.
type Entry struct {
	Key   string
	Value any
}

// Get returns the value of a key, or nil.
func (d Dict) Get(key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

const (
	head = xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n" + `<plist version="1.0">` + "\n"
	foot = "</plist>\n"
)

// Encode encodes a dictionary as a property list. A value of another type is an
// error.
func Encode(d Dict) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	if err := encode(&b, "", d); err != nil {
		return nil, err
	}
	b.WriteString(foot)
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, indent string, value any) error {
	element := func(indent, name, text string) {
		b.WriteString(indent + "<" + name + ">")
		xml.EscapeText(b, []byte(text)) // a buffer does not fail
		b.WriteString("</" + name + ">\n")
	}
	switch v := value.(type) {
	case string:
		element(indent, "string", v)
	case int:
		element(indent, "integer", strconv.Itoa(v))
	case bool:
		fmt.Fprintf(b, "%s<%t/>\n", indent, v)
	case []string:
		b.WriteString(indent + "<array>\n")
		for _, s := range v {
			element(indent+"\t", "string", s)
		}
		b.WriteString(indent + "</array>\n")
	case Dict:
		b.WriteString(indent + "<dict>\n")
		for _, e := range v {
			element(indent+"\t", "key", e.Key)
			if err := encode(b, indent+"\t", e.Value); err != nil {
				return fmt.Errorf("%s: %w", e.Key, err)
			}
		}
		b.WriteString(indent + "</dict>\n")
	default:
		return fmt.Errorf("[unexpected] a property list of ours cannot hold a %T", value)
	}
	return nil
}

// A node is one element of a property list, with its text and what it holds.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node `xml:",any"`
}

func (n node) name() string { return n.XMLName.Local }

// Decode decodes a property list that is a dictionary. A type of value that
// Encode does not write is an error, and so is the binary format.
func Decode(data []byte) (Dict, error) {
	if bytes.HasPrefix(data, []byte("bplist")) {
		return nil, errors.New("it is a binary property list")
	}
	var root node
	if err := xml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	if root.name() != "plist" {
		return nil, errors.New("it is not a property list")
	}
	if len(root.Children) != 1 || root.Children[0].name() != "dict" {
		return nil, errors.New("its root is not a dictionary")
	}
	return root.Children[0].dict()
}

func (n node) value() (any, error) {
	switch n.name() {
	case "string":
		return n.Text, nil
	case "integer":
		return strconv.Atoi(strings.TrimSpace(n.Text))
	case "true", "false":
		return n.name() == "true", nil
	case "array":
		return n.array()
	case "dict":
		return n.dict()
	}
	return nil, fmt.Errorf("it holds a <%s>", n.name())
}

func (n node) array() ([]string, error) {
	all := []string{}
	for _, child := range n.Children {
		if child.name() != "string" {
			return nil, fmt.Errorf("an array holds a <%s>", child.name())
		}
		all = append(all, child.Text)
	}
	return all, nil
}

func (n node) dict() (Dict, error) {
	all := Dict{}
	for pair := range slices.Chunk(n.Children, 2) {
		if len(pair) != 2 || pair[0].name() != "key" {
			return nil, errors.New("a dictionary holds something else than keys with their values")
		}
		value, err := pair[1].value()
		if err != nil {
			return nil, err
		}
		all = append(all, Entry{pair[0].Text, value})
	}
	return all, nil
}
