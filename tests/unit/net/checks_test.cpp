#include <gtest/gtest.h>

#include "net/http_server_routes.hpp"

namespace capnweb {
namespace {

using What = HttpDecision::What;

// What a server with `options` decides about a request with this head.
class Decisions {
 public:
  explicit Decisions(ServerOptions options = {}, bool is_loopback = true)
      : options_(std::move(options)), routes_(options_, is_loopback) {}

  HttpDecision decide(const std::string& first_line, const std::string& headers) const {
    HttpRequestParser parser(HttpLimits{}, 1000);
    parser.feed(first_line + " HTTP/1.1\r\n" + headers + "\r\n");
    EXPECT_TRUE(parser.has_head()) << (parser.refusal() ? parser.refusal()->text : "");
    return routes_.decide(parser.request());
  }
  // The status of a batch, or 200 if it would run.
  int batch(const std::string& headers) const {
    const HttpDecision decision = decide("POST /rpc", headers + "Content-Length: 0\r\n");
    return decision.what == What::kBatch ? 200 : decision.response.status;
  }
  int upgrade(const std::string& headers) const {
    const HttpDecision decision =
        decide("GET /rpc", headers + "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    return decision.what == What::kWebSocket ? 101 : decision.response.status;
  }
  std::string cors(const std::string& headers) const {
    HttpRequestParser parser(HttpLimits{}, 1000);
    parser.feed("POST /rpc HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
    std::string head;
    routes_.checks().append_cors_headers(parser.request(), head);
    return head;
  }
  HttpRoutes& routes() { return routes_; }

 private:
  ServerOptions options_;
  HttpRoutes routes_;
};

std::string header(const HttpDecision& decision, std::string_view name) {
  for (const auto& [key, value] : decision.response.headers)
    if (key == name) return value;
  return "";
}

// ---- Host

TEST(HostCheck, OnLoopbackOnlyNamesThatNoStrangerCanOwn) {
  const Decisions server;
  for (const char* host : {"localhost", "localhost:8080", "LOCALHOST.", "app.localhost:1",
                           "127.0.0.1:8080", "192.168.1.2", "[::1]:8080"})
    EXPECT_EQ(server.batch("Host: " + std::string(host) + "\r\n"), 200) << host;
  for (const char* host :
       {"evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.nip.io", "a b", ""})
    EXPECT_EQ(server.batch("Host: " + std::string(host) + "\r\n"), 421) << host;
}

TEST(HostCheck, SaysWhichHostAndWhatToDo) {
  const HttpDecision decision = Decisions().decide("POST /rpc", "Host: evil.example\r\n");
  EXPECT_EQ(decision.response.body,
            "host not allowed: evil.example; add it to ServerOptions::hosts");
  EXPECT_LT(Decisions()
                .decide("POST /rpc", "Host: " + std::string(9000, 'x') + "\r\n")
                .response.body.size(),
            300u);
}

TEST(HostCheck, OffLoopbackAnyNameUnlessSomeAreGiven) {
  EXPECT_EQ(Decisions({}, false).batch("Host: example.org\r\n"), 200);
  const Decisions server({.hosts = {"example.org", "other.example:8080"}}, false);
  EXPECT_EQ(server.batch("Host: Example.org\r\n"), 200);
  EXPECT_EQ(server.batch("Host: example.org:1234\r\n"), 200);
  EXPECT_EQ(server.batch("Host: other.example:8080\r\n"), 200);
  EXPECT_EQ(server.batch("Host: other.example\r\n"), 421);
  EXPECT_EQ(server.batch("Host: localhost\r\n"), 421);
  EXPECT_EQ(server.batch("Host: x.example.org\r\n"), 421);
  EXPECT_EQ(Decisions({.hosts = {"*"}}).batch("Host: evil.example\r\n"), 200);
}

TEST(HostCheck, CountsForUpgradesAndPagesAsWell) {
  Decisions server;
  server.routes().add_page("/", "text/html", "hi");
  EXPECT_EQ(server.upgrade("Host: evil.example\r\n"), 421);
  EXPECT_EQ(server.decide("GET /", "Host: evil.example\r\n").response.status, 421);
}

TEST(HostCheck, GoesByTheTargetIfThatNamesAHost) {
  EXPECT_EQ(
      Decisions().decide("POST http://evil.example/rpc", "Host: localhost\r\n").response.status,
      421);
}

TEST(HostCheck, RefusesOptionsThatCouldNeverMatch) {
  EXPECT_THROW(Decisions({.hosts = {"http://example.org"}}), Error);
  EXPECT_THROW(Decisions({.origins = {"example.org"}}), Error);
  EXPECT_THROW(Decisions({.origins = {"https://example.org/app"}}), Error);
  EXPECT_THROW(Decisions({.path = "rpc"}), Error);
}

// ---- Origin

const std::string kHost = "Host: localhost:8080\r\n";

TEST(OriginCheck, LetsProgramsThroughThatAreNoBrowsers) {
  EXPECT_EQ(Decisions().batch(kHost), 200);
  EXPECT_EQ(Decisions().upgrade(kHost), 101);
}

TEST(OriginCheck, LetsTheServersOwnPagesThrough) {
  const Decisions server;
  EXPECT_EQ(server.batch(kHost + "Origin: http://localhost:8080\r\n"), 200);
  EXPECT_EQ(server.upgrade(kHost + "Origin: http://LOCALHOST:8080\r\n"), 101);
  EXPECT_EQ(
      server.batch(kHost + "Origin: http://localhost:8080\r\nSec-Fetch-Site: same-origin\r\n"),
      200);
  EXPECT_EQ(server.batch(kHost + "Sec-Fetch-Site: none\r\n"), 200);
}

TEST(OriginCheck, RefusesForeignPages) {
  const Decisions server;
  for (const char* origin :
       {"http://evil.example", "http://localhost", "http://localhost:8081", "null", "",
        "http://localhost:8080.evil.example", "http://localhost:8080@evil.example"}) {
    const std::string headers = kHost + "Origin: " + origin + "\r\n";
    EXPECT_EQ(server.batch(headers), 403) << origin;
    EXPECT_EQ(server.upgrade(headers), 403) << origin;
  }
  EXPECT_EQ(server.batch(kHost + "Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(server.batch(kHost + "Sec-Fetch-Site: same-site\r\n"), 403);
  // The browser knows better than the comparison: the scheme may differ.
  EXPECT_EQ(server.batch(kHost + "Origin: http://localhost:8080\r\nSec-Fetch-Site: cross-site\r\n"),
            403);
}

TEST(OriginCheck, SaysWhichOriginAndWhatToDo) {
  const auto refused = Decisions().decide("POST /rpc", kHost + "Origin: http://evil.example\r\n");
  EXPECT_EQ(refused.response.body,
            "origin not allowed: http://evil.example; add it to ServerOptions::origins");
}

TEST(OriginCheck, LetsListedOriginsThrough) {
  const Decisions server({.origins = {"https://App.example/", "null"}});
  EXPECT_EQ(server.batch(kHost + "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n"),
            200);
  EXPECT_EQ(server.upgrade(kHost + "Origin: null\r\n"), 101);
  EXPECT_EQ(server.batch(kHost + "Origin: http://app.example\r\n"), 403);
  EXPECT_EQ(server.batch(kHost + "Origin: https://app.example:444\r\n"), 403);
  EXPECT_EQ(Decisions({.origins = {"*"}}).upgrade(kHost + "Origin: http://any.example\r\n"), 101);
}

// ---- CORS

TEST(Cors, SaysNothingUnlessOriginsAreListed) {
  EXPECT_EQ(Decisions().cors("Origin: http://a\r\n"), "");
}

TEST(Cors, EchoesListedOriginsOnly) {
  const Decisions server({.origins = {"https://app.example"}});
  EXPECT_EQ(server.cors("Origin: https://app.example\r\n"),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: https://app.example\r\n");
  EXPECT_EQ(server.cors("Origin: https://other.example\r\n"), "Vary: Origin\r\n");
  EXPECT_EQ(server.cors(""), "Vary: Origin\r\n");
}

TEST(Cors, AllowsCredentialsOnRequestButNeverToAll) {
  EXPECT_NE(Decisions({.origins = {"https://app.example"}, .allow_credentials = true})
                .cors("Origin: https://app.example\r\n")
                .find("Access-Control-Allow-Credentials: true\r\n"),
            std::string::npos);
  EXPECT_EQ(Decisions({.origins = {"*", "https://app.example"}, .allow_credentials = true})
                .cors("Origin: https://app.example\r\n"),
            "Access-Control-Allow-Origin: *\r\n");
}

TEST(Cors, AnswersThePreflightOfListedOrigins_T4) {
  const Decisions server({.origins = {"https://app.example"}});
  const std::string ask =
      "Access-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: authorization, x-trace\r\n";
  const auto yes = server.decide("OPTIONS /rpc", kHost + "Origin: https://app.example\r\n" + ask);
  EXPECT_EQ(yes.response.status, 204);
  EXPECT_EQ(header(yes, "Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(header(yes, "Access-Control-Allow-Headers"), "authorization, x-trace");
  EXPECT_EQ(server.decide("OPTIONS /rpc", kHost + "Origin: https://evil.example\r\n" + ask)
                .response.status,
            403);
  for (const std::string& no : {std::string(), ask, std::string("Origin: https://app.example\r\n")})
    EXPECT_EQ(server.decide("OPTIONS /rpc", kHost + no).response.status, 405) << no;
}

// ---- Paths and methods

TEST(Routes, TakeEachTransportWhereItBelongs) {
  const Decisions server;
  const std::string upgrade = kHost + "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(server.decide("POST /rpc?x=1", kHost).what, What::kBatch);
  EXPECT_EQ(server.decide("POST /rpc/", kHost).what, What::kBatch);
  EXPECT_EQ(server.decide("POST /rpc/batch", kHost).what, What::kBatch);
  EXPECT_EQ(server.decide("GET /rpc", upgrade).what, What::kWebSocket);
  EXPECT_EQ(server.decide("GET /rpc/ws?x", upgrade).what, What::kWebSocket);
  EXPECT_EQ(server.decide("GET /rpc/batch", upgrade).response.status, 405);
  EXPECT_EQ(server.decide("POST /rpc/ws", kHost).response.status, 405);
  for (const char* path : {"/", "/rpcx", "/rp", "/rpc/other", "/RPC", "*"})
    EXPECT_EQ(server.decide("POST " + std::string(path), kHost).response.status, 404) << path;
}

TEST(Routes, ServeEveryPathIfAsked) {
  const Decisions server({.every_path = true});
  EXPECT_EQ(server.decide("POST /", kHost).what, What::kBatch);
  EXPECT_EQ(server.decide("POST /a/b", kHost).what, What::kBatch);
  EXPECT_EQ(Decisions({.path = "/"}).decide("POST /batch", kHost).what, What::kBatch);
  EXPECT_EQ(Decisions({.path = "/"}).decide("POST /other", kHost).response.status, 404);
}

TEST(Routes, AnswerOtherMethodsAsTheReferenceDoes_T4_T25) {
  const Decisions server;
  const auto put = server.decide("PUT /rpc", kHost);
  EXPECT_EQ(put.response.status, 405);
  EXPECT_EQ(put.response.body, "This endpoint only accepts POST requests.");
  EXPECT_EQ(header(put, "Allow"), "POST");
  const auto get = server.decide("GET /rpc", kHost);
  EXPECT_EQ(get.response.status, 405);
  EXPECT_EQ(get.response.body, "This endpoint only accepts POST or WebSocket requests.");
  EXPECT_EQ(server.decide("GET /rpc/batch", kHost).response.body,
            "This endpoint only accepts POST requests.");
  const auto ws = server.decide("GET /rpc/ws", kHost);
  EXPECT_EQ(ws.response.status, 426);
  EXPECT_EQ(ws.response.body, "This endpoint only accepts WebSocket requests.");
  EXPECT_EQ(header(ws, "Upgrade"), "websocket");
}

TEST(Routes, TakeAnyContentTypeButNoCoding_T1) {
  const Decisions server;
  EXPECT_EQ(server.batch(kHost + "Content-Type: application/json\r\n"), 200);
  EXPECT_EQ(server.batch(kHost), 200);
  EXPECT_EQ(server.batch(kHost + "Content-Encoding: gzip\r\n"), 415);
}

TEST(Routes, ServePages) {
  Decisions server({.every_path = true});
  server.routes().add_page("/", "text/html", "<p>hi");
  const auto page = server.decide("GET /?x", kHost);
  EXPECT_EQ(page.response.status, 200);
  EXPECT_EQ(page.response.content_type, "text/html");
  EXPECT_EQ(page.response.body, "<p>hi");
  EXPECT_EQ(server.decide("HEAD /", kHost).response.status, 200);
  EXPECT_EQ(server.decide("POST /", kHost).response.status, 405);
}

}  // namespace
}  // namespace capnweb
