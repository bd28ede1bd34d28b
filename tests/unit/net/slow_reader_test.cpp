// What a reader that takes its time makes its writer keep, over a real WebSocket.
#include <gtest/gtest.h>

#include <algorithm>
#include <capnweb/capnweb.hpp>
#include <memory>
#include <string>
#include <utility>

namespace capnweb {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr int kChunks = 400;  // 25 MiB
// Two of the first windows, and what is between: the window grows with a reader that takes chunks
// in bursts, but not beyond what it takes.
constexpr int kMostUnread = 2 * 256 / 64 + 8;

// Reads a stream when it is told to.
class Reader {
 public:
  void begin(ReadableStream<Bytes> stream) { stream_ = std::move(stream); }
  Task<int> take(int count) {
    for (int i = 0; i < count; ++i) {
      auto next = stream_.read();
      const auto chunk = co_await next;
      if (!chunk) break;
      ++taken_;
    }
    co_return taken_;
  }
  int taken() const { return taken_; }
  struct Rpc {
    Method<&Reader::begin> begin;
    Method<&Reader::take> take;
    Method<&Reader::taken> taken;
  };

 private:
  ReadableStream<Bytes> stream_;
  int taken_ = 0;
};

// Made when there is room for them.
Generator<Bytes> chunks(std::shared_ptr<int> made) {
  const Bytes chunk = Bytes::from_text(std::string(kChunk, 'x'));
  for (; *made < kChunks; ++*made) co_yield chunk;
}

TEST(SlowReader, BoundsWhatItsWriterMakes_S15_S29) {
  const auto made = std::make_shared<int>(0);
  int most_unread = 0;
  int taken = 0;
  capnweb::run([](std::shared_ptr<int> count, int& most, int& read) -> Task<> {
    Server server({}, [](const RequestInfo&) { return std::make_shared<Reader>(); });
    auto api = co_await connect<Reader>("ws://127.0.0.1:" + std::to_string(server.port()) + "/rpc");
    const ReadableStream<Bytes> stream = chunks(count);
    auto begun = api->begin(stream);
    co_await begun;
    while (read < kChunks) {
      // Round trips in which the writer may run ahead as far as it can.
      for (int i = 0; i < 5; ++i) {
        auto asked = api->taken();
        co_await asked;
      }
      most = std::max(most, *count - read);
      auto asked = api->take(7);
      const int now = co_await asked;
      if (now == read) break;
      read = now;
    }
  }(made, most_unread, taken));
  EXPECT_EQ(taken, kChunks);
  EXPECT_LE(most_unread, kMostUnread);
  EXPECT_GE(most_unread, 2) << "and it does not wait for each chunk";
}

}  // namespace
}  // namespace capnweb
