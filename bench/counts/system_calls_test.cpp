// How often a server asks the kernel to move bytes.
#include "counts/system_calls.hpp"

#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>
#include <future>
#include <memory>
#include <thread>

#include "counts/bounds.hpp"
#include "load/load.hpp"
#include "service/service.hpp"

namespace bench {
namespace {

// A server on a thread of its own.
class ServerThread {
 public:
  ServerThread() : thread_([this] { serve(); }) { port_ = started_.get_future().get(); }

  std::uint16_t port() const { return port_; }

  // Ends it; what it has asked of the kernel.
  SystemCalls stop() {
    loop_->stop();
    thread_.join();
    return calls_;
  }

 private:
  void serve() {
    capnweb::Loop loop;
    const capnweb::Server server({}, [] { return std::make_unique<Service>(); });
    loop_ = &loop;
    started_.set_value(server.port());
    loop.run();
    calls_ = system_calls_of_this_thread();
  }

  std::promise<std::uint16_t> started_;
  capnweb::Loop* loop_ = nullptr;
  std::uint16_t port_ = 0;
  SystemCalls calls_;
  std::jthread thread_;
};

TEST(SystemCalls, OfAServerWithManyCallsUnderWay) {
  constexpr std::size_t kCalls = 64 * 100;
  ServerThread server;
  Load load({.port = server.port(), .window = 64, .warmup = 1e6}, kCalls);
  load.run();
  EXPECT_EQ(load.meter().first_error(), "");

  const SystemCalls calls = server.stop();
  EXPECT_GT(calls.sends, 0u);
  EXPECT_GT(calls.receives, 0u);
  EXPECT_LE(static_cast<double>(calls.sends) / kCalls, bounds::kSendsOfAdd);
  EXPECT_LE(static_cast<double>(calls.receives) / kCalls, bounds::kReceivesOfAdd);
}

}  // namespace
}  // namespace bench
