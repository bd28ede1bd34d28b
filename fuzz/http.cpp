// http.cpp: what parses HTTP. The first byte of the input says what the rest is: a request ('Q'),
// an answer to a batch ('A'), the answer to a WebSocket's handshake ('H') or an address ('U'). The
// second says how it is cut into pieces, which must not change the result.
#include <optional>
#include <string>
#include <vector>

#include "net/batch_client_response.hpp"
#include "net/http_request_checks.hpp"
#include "net/http_server_request.hpp"
#include "net/url.hpp"
#include "net/ws_handshake.hpp"
#include "support/pieces.hpp"
#include "support/target.hpp"

namespace capnweb::fuzz {
namespace {

constexpr std::size_t kMaxBody = 1000;

// Feeds a parser pieces of `text` until it has what it wants: how many bytes it took.
template <class Parser, class IsDone>
std::size_t feed(Parser& parser, std::string_view text, Pieces pieces, IsDone is_done) {
  std::size_t used = 0;
  std::size_t come = 0;
  while (!is_done()) {
    const std::size_t taken = parser.feed(text.substr(used, come - used));
    require(taken <= come - used, "a parser took more than there was");
    used += taken;
    if (is_done() || taken > 0) continue;
    if (come == text.size()) break;
    come += pieces.next(text.size() - come);
  }
  return used;
}

// ---- Requests

// Lines of a response's head: a peer must not be able to add one.
void check_head(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    require(end != std::string_view::npos, "a line of a head does not end", head);
    const std::string_view line = head.substr(0, end);
    require(line.find_first_of("\r\n") == std::string_view::npos, "a head is split", line);
    require(line.find(": ") != std::string_view::npos, "a line of a head is no field", line);
    head.remove_prefix(end + 2);
  }
}

void check_refusal(const HttpRefusal& refusal) {
  for (const auto& [name, value] : refusal.headers) check_head(name + ": " + value + "\r\n");
}

void decide(const HttpRequest& request) {
  static const HttpRequestChecks checks = [] {
    ServerOptions options;
    options.hosts = {"example.org", "a:80"};
    options.origins = {"http://localhost:5173"};
    options.allow_credentials = true;
    return HttpRequestChecks(options, false);
  }();
  if (const auto refusal = checks.check_host(request)) check_refusal(*refusal);
  if (const auto refusal = checks.check_origin(request)) check_refusal(*refusal);
  if (HttpRequestChecks::is_preflight(request)) check_refusal(checks.answer_preflight(request));
  std::string head;
  checks.append_cors_headers(request, head);
  check_head(head);
  if (!request.wants_websocket) return;
  const std::vector<std::string> known = {"a", "capnweb"};
  const WsUpgrade upgrade = check_ws_upgrade(request.info.headers, known);
  if (upgrade.status != 101) return;
  const std::string response = compose_ws_response(upgrade);
  constexpr std::string_view kStatus = "HTTP/1.1 101 Switching Protocols\r\n";
  require(response.starts_with(kStatus) && response.ends_with("\r\n\r\n"), "a bad 101", response);
  check_head(
      std::string_view(response).substr(kStatus.size(), response.size() - kStatus.size() - 2));
}

HttpLimits limits() {
  HttpLimits limits;
  limits.max_header_size = 2000;
  limits.max_header_fields = 20;
  return limits;
}

// All that follows from the bytes, in words. What is refused at once when it comes whole may still
// be waited for when it comes in pieces: Beast looks at a line again only when the head is there.
std::string describe_requests(std::string_view text, Pieces pieces) {
  std::string words;
  for (;;) {
    HttpRequestParser parser(limits(), kMaxBody);
    text.remove_prefix(feed(parser, text, pieces,
                            [&] { return parser.is_complete() || parser.refusal().has_value(); }));
    if (!parser.is_complete()) return words + (parser.has_head() ? "no body" : "no head");
    const HttpRequest& request = parser.request();
    require(request.body.size() <= kMaxBody, "a body is over the limit");
    words += request.info.method + ' ' + request.info.target + ' ' + request.host + '\n';
    for (const auto& [name, value] : request.info.headers.pairs())
      words += name + ": " + value + '\n';
    words += request.body + '\n';
    for (const bool flag : {request.keep_alive, request.wants_websocket, request.expects_continue,
                            request.has_body, request.is_http10})
      words += flag ? '1' : '0';
    decide(request);
  }
}

// ---- Answers

std::string describe_answer(std::string_view text, Pieces pieces) {
  HttpAnswerParser parser(kMaxBody);
  const std::size_t used = feed(
      parser, text, pieces, [&] { return parser.is_complete() || parser.problem().has_value(); });
  if (!parser.is_complete() && !parser.problem()) parser.end();
  if (parser.problem()) return "refused";
  require(parser.is_complete(), "an answer that ended is neither complete nor refused");
  const HttpAnswer& answer = parser.answer();
  require(answer.body.size() <= kMaxBody, "a body is over the limit");
  return std::to_string(answer.status) + ' ' + answer.reason + '\n' + answer.body + '\n' +
         (answer.keep_alive ? "keep " : "close ") +
         std::to_string(answer.idle_time ? answer.idle_time->count() : -1) + ' ' +
         std::to_string(used);
}

// "@" in the text is the key that the server has to answer.
std::string describe_handshake(std::string_view text, Pieces pieces) {
  using Progress = WsClientHandshake::Progress;
  WsClientHandshake handshake(*parse_server_url("ws://example.org/rpc"), {}, {"a", "b"});
  const std::string& request = handshake.request();
  const std::string key = request.substr(request.find("Sec-WebSocket-Key: ") + 19, 24);
  std::string bytes(text);
  if (const std::size_t at = bytes.find('@'); at != std::string::npos)
    bytes.replace(at, 1, ws_accept_key(key));
  Progress progress = Progress::kMore;
  std::string_view left = bytes;
  while (!left.empty() && progress == Progress::kMore) {
    const std::size_t size = pieces.next(left.size());
    progress = handshake.feed(left.substr(0, size));
    left.remove_prefix(size);
  }
  if (progress == Progress::kOpen)
    return "open " + handshake.subprotocol() + ' ' + handshake.take_rest() + std::string(left);
  if (progress == Progress::kMore) handshake.end_of_input();
  require(!handshake.refusal().empty(), "a handshake was refused without a word");
  return "refused";
}

// ---- Addresses

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7F) return false;
  return true;
}

void check_url(std::string_view text) {
  if (const auto url = parse_server_url(text)) {
    require(is_printable(url->target) && is_printable(url->host), "an address would split a head",
            text);
    const std::string again = url->scheme + "://" + url->authority() + url->target;
    const auto same = parse_server_url(again);
    require(static_cast<bool>(same), "an address does not read back", again);
    require(same->scheme == url->scheme && same->host == url->host && same->port == url->port &&
                same->target == url->target,
            "an address reads back as another", again);
  }
  HostPort host;
  if (!parse_host_port(text, host)) return;
  const std::string again = bracketed(host.host) + (host.port.empty() ? "" : ':' + host.port);
  HostPort same;
  require(parse_host_port(again, same) && same == host, "a host does not read back", again);
  require(is_printable(again), "a host would split a head", again);
}

void check_all(char what, std::string_view text, Pieces pieces) {
  using Describe = std::string (*)(std::string_view, Pieces);
  const Describe describe = what == 'A'   ? describe_answer
                            : what == 'H' ? describe_handshake
                                          : describe_requests;
  if (what == 'U') return check_url(text);
  const std::string whole = describe(text, Pieces(0));
  const std::string cut = describe(text, pieces);
  require(whole == cut, "the cuts change the result", whole + "\n--\n" + cut);
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb::fuzz;
  if (size < 2) return 0;
  check_all(static_cast<char>(data[0]), as_text(data + 2, size - 2), Pieces(data[1]));
  return 0;
}
