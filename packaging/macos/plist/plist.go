// Package plist encodes and decodes property lists in Apple's XML format (man 5
// plist). It supports the few types of value that our property lists hold.
package plist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
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
	element := func(name, text string) {
		b.WriteString(indent + "<" + name + ">")
		xml.EscapeText(b, []byte(text)) // a buffer does not fail
		b.WriteString("</" + name + ">\n")
	}
	switch v := value.(type) {
	case string:
		element("string", v)
	case int:
		element("integer", strconv.Itoa(v))
	case bool:
		fmt.Fprintf(b, "%s<%t/>\n", indent, v)
	case []string:
		b.WriteString(indent + "<array>\n")
		for _, s := range v {
			if err := encode(b, indent+"\t", s); err != nil {
				return err
			}
		}
		b.WriteString(indent + "</array>\n")
	case Dict:
		b.WriteString(indent + "<dict>\n")
		for _, e := range v {
			b.WriteString(indent + "\t<key>")
			xml.EscapeText(b, []byte(e.Key))
			b.WriteString("</key>\n")
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

// Decode decodes a property list that is a dictionary. A type of value that
// Encode does not write is an error, and so is the binary format.
func Decode(data []byte) (Dict, error) {
	if bytes.HasPrefix(data, []byte("bplist")) {
		return nil, errors.New("it is a binary property list")
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	start, err := nextStart(d)
	if err != nil {
		return nil, err
	}
	if start == nil || start.Name.Local != "plist" {
		return nil, errors.New("it is not a property list")
	}
	value, err := decodeNext(d)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(Dict)
	if !ok {
		return nil, errors.New("its root is not a dictionary")
	}
	return dict, nil
}

// nextStart returns the start of the next element, or nil at the end of the
// element around it.
func nextStart(d *xml.Decoder) (*xml.StartElement, error) {
	for {
		token, err := d.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// decodeNext decodes one value. It returns nil when there is no more.
func decodeNext(d *xml.Decoder) (any, error) {
	start, err := nextStart(d)
	if start == nil {
		return nil, err
	}
	switch name := start.Name.Local; name {
	case "string", "integer", "key":
		var text string
		if err := d.DecodeElement(&text, start); err != nil {
			return nil, err
		}
		switch name {
		case "integer":
			return strconv.Atoi(strings.TrimSpace(text))
		case "key":
			return key(text), nil
		}
		return text, nil
	case "true", "false":
		return name == "true", d.Skip()
	case "array":
		return decodeArray(d)
	case "dict":
		return decodeDict(d)
	default:
		return nil, fmt.Errorf("it holds a <%s>", name)
	}
}

// A key has a type of its own, so that a string in its place is an error.
type key string

func decodeArray(d *xml.Decoder) ([]string, error) {
	all := []string{}
	for {
		value, err := decodeNext(d)
		if value == nil || err != nil {
			return all, err
		}
		s, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("an array holds a %T", value)
		}
		all = append(all, s)
	}
}

func decodeDict(d *xml.Decoder) (Dict, error) {
	all := Dict{}
	for {
		name, err := decodeNext(d)
		if name == nil || err != nil {
			return all, err
		}
		k, ok := name.(key)
		if !ok {
			return nil, fmt.Errorf("a dictionary holds a %T in the place of a key", name)
		}
		value, err := decodeNext(d)
		if err != nil {
			return nil, err
		}
		if _, another := value.(key); value == nil || another {
			return nil, fmt.Errorf("%s has no value", k)
		}
		all = append(all, Entry{string(k), value})
	}
}
