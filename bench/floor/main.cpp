// bench-floor: the least that a server can do for each workload. The same bytes in and out, with
// large reads and one send for each of them, and no RPC: what is left of a server's cost above it
// is the library's. With --echo it returns every frame as it came.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/http.hpp"
#include "common/poller.hpp"
#include "common/websocket.hpp"
#include "floor/answers.hpp"
#include "net/ws_handshake.hpp"

namespace bench {
namespace {

constexpr std::size_t kKeyLength = 24;  // of a Sec-WebSocket-Key

class Connection;

struct Server {
  Poller poller;
  Traffic traffic;
  bool echoes = false;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections = {};
};

class Connection final : public Poller::Handler {
 public:
  Connection(Server& server, Fd fd) : server_(server), socket_(std::move(fd), server.traffic) {
    server_.poller.add(socket_.number(), *this, false);
  }

 private:
  void on_readable() override {
    const bool is_there =
        socket_.read([this](char* begin, char* end) { return take(begin, end); }) && flush();
    if (!is_there) server_.connections.erase(this);
  }
  void on_writable() override {
    if (!flush()) server_.connections.erase(this);
  }

  bool flush() {
    if (!socket_.flush()) return false;
    if (socket_.wants_to_send() != is_watching_writable_) {
      is_watching_writable_ = socket_.wants_to_send();
      server_.poller.change(socket_.number(), *this, is_watching_writable_);
    }
    return true;
  }

  char* take(char* begin, char* end) {
    if (!answers_) {
      std::string_view in(begin, static_cast<std::size_t>(end - begin));
      const std::string_view all = in;
      const auto head = http::take_head(in);
      if (!head) return begin;
      if (head->starts_with("POST")) return take_batches(all, end);
      answers_.emplace(Framing::kWebSocket);
      // The one thing that is the library's: other clients than bench-load want a right answer.
      const std::string_view key = http::field(*head, "sec-websocket-key").substr(0, kKeyLength);
      socket_.out() += ws::upgrade_response(capnweb::ws_accept_key(key));
      begin += head->size();
    }
    while (const auto frame = ws::take_frame(begin, end)) {
      if (server_.echoes) {
        ws::append_frame(socket_.out(), {frame->payload});
      } else {
        answers_->receive(frame->payload, socket_.out());
      }
    }
    return begin;
  }

  char* take_batches(std::string_view in, char* end) {
    while (true) {
      std::string_view rest = in;
      const auto head = http::take_head(rest);
      if (!head || !http::take_body(rest, *head, body_)) return end - in.size();
      in = rest;
      answer_batch();
    }
  }

  void answer_batch() {
    Answers answers(Framing::kLines);
    std::string& text = response_;
    text.clear();
    for (std::string_view left = body_; !left.empty();) {
      const std::size_t line = std::min(left.find('\n'), left.size());
      answers.receive(left.substr(0, line), text);
      left.remove_prefix(std::min(line + 1, left.size()));
    }
    if (!text.empty()) text.pop_back();
    socket_.out() += "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ";
    socket_.out() += std::to_string(text.size());
    socket_.out() += "\r\n\r\n";
    socket_.out() += text;
  }

  Server& server_;
  Socket socket_;
  std::optional<Answers> answers_;  // from the upgrade on
  std::string body_;
  std::string response_;
  bool is_watching_writable_ = false;
};

class Listener final : public Poller::Handler {
 public:
  Listener(Server& server, std::uint16_t port) : server_(server), fd_(listen_on(port)) {
    server_.poller.add(fd_.number(), *this, false);
  }
  std::uint16_t port() const { return port_of(fd_); }

 private:
  void on_readable() override {
    while (Fd fd = accept_from(fd_)) {
      auto connection = std::make_unique<Connection>(server_, std::move(fd));
      server_.connections.emplace(connection.get(), std::move(connection));
    }
  }
  void on_writable() override {}

  Server& server_;
  Fd fd_;
};

void serve(std::uint16_t port, bool echoes) {
  Server server{.poller = {}, .traffic = {}, .echoes = echoes};
  const Listener listener(server, port);
  std::printf("listening on %u\n", static_cast<unsigned>(listener.port()));
  std::fflush(stdout);
  while (true) server.poller.wait(-1);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  CLI::App app("Answers the workloads of bench-load without RPC.");
  std::uint16_t port = 0;
  bool echoes = false;
  app.add_option("--port", port, "0 takes one that is free");
  app.add_flag("--echo", echoes, "returns every frame as it came");
  CLI11_PARSE(app, argc, argv);
  try {
    bench::serve(port, echoes);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-floor: %s\n", error.what());
    return 1;
  }
}
