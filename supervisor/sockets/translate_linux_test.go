package sockets

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// What `nft` does, without it: netlink messages of nf_tables, with the names
// and numbers of linux/netfilter/nf_tables.h.

// redirect has the kernel translate connections from this network to a TCP port
// into connections to another port:
//
//	nft add table ip nat
//	nft add chain ip nat output '{ type nat hook output priority -100; }'
//	nft add rule ip nat output tcp dport PORT redirect to :TO
func redirect(port, to uint16) error {
	table, chain := attr(1, "nat\x00"), "output\x00"
	rule := element("meta", attr(1, be32(1)), attr(2, be32(unix.NFT_META_L4PROTO))) +
		equals("\x06") + // IPPROTO_TCP
		element("payload", attr(1, be32(1)), attr(2, be32(unix.NFT_PAYLOAD_TRANSPORT_HEADER)), attr(3, be32(2)), attr(4, be32(2))) +
		equals(be16(port)) +
		element("immediate", attr(1, be32(1)), nested(2, attr(1, be16(to)))) +
		element("redir", attr(1, be32(1)))
	return nfBatch(
		nfMessage(unix.NFT_MSG_NEWTABLE, table),
		nfMessage(unix.NFT_MSG_NEWCHAIN, table+attr(3, chain)+
			nested(4, attr(1, be32(3))+attr(2, be32(^uint32(99))))+ // NF_INET_LOCAL_OUT, priority -100
			attr(7, "nat\x00")),
		nfMessage(unix.NFT_MSG_NEWRULE, table+attr(2, chain)+nested(4, rule)))
}

// element is one expression of a rule, with its attributes.
func element(name string, attributes ...string) string {
	var data string
	for _, a := range attributes {
		data += a
	}
	return nested(1, attr(1, name+"\x00")+nested(2, data))
}

// equals goes on if register 1 holds this.
func equals(value string) string {
	return element("cmp", attr(1, be32(1)), attr(2, be32(unix.NFT_CMP_EQ)), nested(3, attr(1, value)))
}

func be16(n uint16) string { return string(binary.BigEndian.AppendUint16(nil, n)) }
func be32(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

func attr(kind uint16, value string) string {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return string(append(b, make([]byte, -len(b)&3)...))
}

func nested(kind uint16, attributes string) string {
	return attr(kind|unix.NLA_F_NESTED, attributes)
}

// nfMessage creates something in the tables of IPv4, and asks for an answer.
func nfMessage(kind uint16, attributes string) []byte {
	body := append([]byte{unix.AF_INET, 0, 0, 0}, attributes...)
	return message(unix.NFNL_SUBSYS_NFTABLES<<8|kind,
		unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_APPEND, asked, body)
}

// nfBatch has the kernel do all of it or nothing.
func nfBatch(messages ...[]byte) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	mark := []byte{unix.AF_UNSPEC, 0, 0, unix.NFNL_SUBSYS_NFTABLES}
	batch := message(unix.NFNL_MSG_BATCH_BEGIN, unix.NLM_F_REQUEST, asked, mark)
	for _, m := range messages {
		batch = append(batch, m...)
	}
	batch = append(batch, message(unix.NFNL_MSG_BATCH_END, unix.NLM_F_REQUEST, asked, mark)...)
	wait := unix.NsecToTimeval(5e9)
	if err := errors.Join(unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.Sendto(fd, batch, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})); err != nil {
		return err
	}
	answer := make([]byte, 64<<10)
	for answers := 0; answers < len(messages); {
		n, _, err := unix.Recvfrom(fd, answer, 0)
		if err != nil {
			return fmt.Errorf("no answer of nf_tables: %w", err)
		}
		for b := answer[:n]; len(b) >= netlinkHeader; answers++ {
			size := int(binary.NativeEndian.Uint32(b))
			if errno := int32(binary.NativeEndian.Uint32(b[netlinkHeader:])); errno != 0 {
				return unix.Errno(-errno)
			}
			b = b[min((size+3)&^3, len(b)):]
		}
	}
	return nil
}
