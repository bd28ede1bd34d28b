// in_memory.hpp: the load generator's session and one of ours, without sockets in between.
#pragma once

#include <capnweb/capnweb.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "load/session.hpp"
#include "service/service.hpp"

namespace bench {

// The load generator asks for no memory once it is warm, so what is asked for while calls run is
// asked for by the server.
class InMemory final : private MessageSink {
 public:
  explicit InMemory(std::string_view workload, std::size_t size = 1024)
      : workload_(make_workload(workload, size)),
        meter_(Options{.warmup = 1e6}),
        server_(capnweb::to_value(std::make_shared<Service>())),
        client_(*workload_, meter_, *this) {
    client_.prepare();
    deliver();
  }

  // Makes `count` calls, up to `window` at a time.
  void call(std::size_t count, std::size_t window) {
    for (std::size_t made = 0; made < count; made += window) {
      for (std::size_t i = 0; i < window; ++i) client_.start_call(calls_++, 0);
      while (client_.calls_under_way() != 0 && server_.has_output()) deliver();
    }
  }

  // A wrong answer, or an answer that did not come; empty if all is well.
  std::string complaint() const {
    if (meter_.errors() != 0) return meter_.first_error();
    if (client_.calls_under_way() != 0) return "calls are not answered";
    return {};
  }
  const capnweb::Session& server() const { return server_; }

 private:
  void send(std::string_view message) override { server_.receive(message); }
  void deliver() {
    capnweb::send_output(server_, outbox_,
                         [this](std::string_view message) { client_.receive(message, 0); });
  }

  const std::unique_ptr<const Workload> workload_;
  Meter meter_;
  capnweb::Session server_;
  Session client_;
  capnweb::Outbox outbox_;
  std::uint64_t calls_ = 0;
};

}  // namespace bench
