"""Answers whoever asks with its own name; once it is told to begin, tries what it was given and says what came of it.

It is given `PLAN`: `me`, what it is called; `patience`, the seconds until silence counts as silence; `flows`, each with
`number`, `to` (an address) or `name`, `protocol`, `port`, and `host` and `head` of the request to make. It says one line
of JSON for each flow and `done`.
"""
import os, select, signal, socket, ssl, struct, threading, time

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
RESOLVER = "169.254.169.253"
PORTS = {socket.SOCK_STREAM: [22, 53, 80, 443, 65535], socket.SOCK_DGRAM: [53, 443]}
WORD = b"world " + PLAN["me"].encode() + b"\n"


def serve():
    """Says its name to all who come, over both families."""
    ears = []
    for kind, ports in PORTS.items():
        for port in ports:
            ear = socket.socket(socket.AF_INET6, kind)
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind(("::", port))
            if kind == socket.SOCK_STREAM:
                ear.listen(64)
            ears.append(ear)
    while True:
        for ear in select.select(ears, [], [])[0]:
            try:
                if ear.type == socket.SOCK_DGRAM:
                    _, peer = ear.recvfrom(2048)
                    ear.sendto(WORD, peer)
                else:
                    own, _ = ear.accept()
                    own.sendall(WORD)
                    own.shutdown(socket.SHUT_WR)
                    # What the other side says is read, so that its end is no reset.
                    threading.Thread(target=drain, args=(own,), daemon=True).start()
            except OSError:
                pass


def drain(own):
    own.settimeout(PLAN["patience"])
    try:
        while own.recv(4096):
            pass
    except OSError:
        pass
    own.close()


def family(to):
    return socket.AF_INET6 if ":" in to else socket.AF_INET


def http(answer):
    """What an answer says: status, and the id under which the request is known."""
    head = answer.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    found = [line.split(":", 1)[1].strip() for line in head
             if line.lower().startswith(("x-amzn-requestid:", "x-amz-request-id:"))]
    return "http %s %s" % (head[0].split(" ")[1], found[0] if found else "-")


def name_of(data):
    return data.decode().strip() if data.startswith(b"world ") else None


def whole(receive, first=b""):
    """Reads until a whole head is there, or the name of a program."""
    data = first
    while b"\r\n\r\n" not in data and not (data.startswith(b"world ") and data.endswith(b"\n")):
        more = receive()
        if not more:
            break
        data += more
    return data


def secured(own, flow):
    """A request over TLS, for whoever does not say at once that it is a program."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(inward, outward, server_hostname=flow.get("name"))
    seen = b""

    def turn(act):
        nonlocal seen
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                own.sendall(outward.read())
                data = own.recv(16384)
                seen += data[:256]
                if not data:
                    raise EOFError
                inward.write(data)

    try:
        turn(tls.do_handshake)
        tls.write(flow["head"].encode())
        own.sendall(outward.read())
        return http(whole(lambda: turn(lambda: tls.read(16384))))
    except ssl.SSLError as error:
        return name_of(seen) or "tls " + str(error.reason)
    except (EOFError, IndexError):
        return name_of(seen) or "closed"


def stream(flow, to):
    own = socket.socket(family(to), socket.SOCK_STREAM)
    own.settimeout(PLAN["patience"])
    try:
        own.connect((to, flow["port"]))
    except TimeoutError:
        return "silence"
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "closed"
    try:
        if flow["port"] == 443:
            return secured(own, flow)
        if flow["port"] == 53:
            question = query("example.com", 1)
            own.sendall(struct.pack("!H", len(question)) + question)
            data = own.recv(2048)
            return name_of(data) or ("dns" if data else "closed")
        own.sendall(flow["head"].encode())
        data = whole(lambda: own.recv(4096))
        return name_of(data) or (http(data) if data else "closed")
    except (TimeoutError, ConnectionResetError, BrokenPipeError, IndexError) as error:
        return "closed" if not isinstance(error, TimeoutError) else "stuck"


def datagram(flow, to):
    own = socket.socket(family(to), socket.SOCK_DGRAM)
    own.settimeout(PLAN["patience"])
    own.connect((to, flow["port"]))
    try:
        own.send(query("example.com", 1) if flow["port"] == 53 else b"hello")
        data = own.recv(2048)
        return name_of(data) or "dns"
    except TimeoutError:
        return "silence"
    except ConnectionRefusedError:
        return "refused"


def ping(flow, to):
    number = socket.IPPROTO_ICMP if flow["protocol"] == ICMP else socket.IPPROTO_ICMPV6
    own = socket.socket(family(to), socket.SOCK_DGRAM, number)
    own.settimeout(PLAN["patience"])
    try:
        own.sendto(struct.pack("!BBHHH", flow["port"] >> 8, 0, 0, 0, 1) + b"sidegate", (to, 0))
        own.recv(2048)
        return "pong"
    except TimeoutError:
        return "silence"


def query(name, kind):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def ask(name, kind):
    """The addresses of a name, or why there are none."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.settimeout(PLAN["patience"])
    own.connect((RESOLVER, 53))
    try:
        own.send(query(name, kind))
        data = own.recv(4096)
    except (TimeoutError, ConnectionRefusedError):
        return "silence"
    flags, answers = struct.unpack("!xxHxxHxxxx", data[:12])
    if flags & 15:
        return "nxdomain" if flags & 15 == 3 else "rcode %d" % (flags & 15)
    at = 12
    while data[at]:
        at += data[at] + 1
    at, found = at + 5, []
    for _ in range(answers):
        while data[at] and data[at] < 192:
            at += data[at] + 1
        at += 2 if data[at] >= 192 else 1
        of, length = struct.unpack("!HxxxxxxH", data[at:at + 10])
        value, at = data[at + 10:at + 10 + length], at + 10 + length
        if of == kind:
            found.append(socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, value))
    return found


def met(flow, to):
    act = {TCP: stream, UDP: datagram, ICMP: ping, ICMPV6: ping}[flow["protocol"]]
    try:
        return act(flow, to)
    except OSError as error:
        return "unreachable " + os.strerror(error.errno or 0)


SAY = threading.Lock()


def say(line):
    with SAY:
        print(line, flush=True)


def attempt(flow):
    told = {"number": flow["number"]}
    try:
        if "name" in flow:
            told["dns"] = [ask(flow["name"], 1), ask(flow["name"], 28)]
            every = [to for answer in told["dns"] if isinstance(answer, list) for to in answer]
            told["ends"] = {to: met(flow, to) for to in every if ":" not in to or flow["speaks6"]}
        else:
            told["got"] = met(flow, flow["to"])
    except Exception as error:
        told["failed"] = repr(error)
    say(json.dumps(told))


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
if PLAN["serves"]:
    threading.Thread(target=serve, daemon=True).start()
    say("ready")
    signal.sigwait({signal.SIGUSR1})
threads = [threading.Thread(target=attempt, args=(flow,)) for flow in PLAN["flows"]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say("done")
while PLAN["serves"]:
    time.sleep(3600)
