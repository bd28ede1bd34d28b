// session.hpp: the client's half of a Cap'n Web session, as far as the workloads need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/meter.hpp"
#include "common/sequential_table.hpp"
#include "common/text.hpp"
#include "load/workload.hpp"

namespace bench {

// Where a session's messages go.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void send(std::string_view message) = 0;
};

// Keeps the protocol's books as a correct client must: ids counted, results and capabilities
// released once, callbacks answered. Every answer is checked.
class Session {
 public:
  Session(const Workload& workload, Meter& meter, MessageSink& sink)
      : workload_(workload), meter_(meter), sink_(sink) {}

  // Does what must have happened before the first call; counts as one that is under way.
  void prepare();
  bool is_ready() const { return workload_.shape() != Workload::Shape::kStream || stream_ != 0; }

  void start_call(std::uint64_t number, std::uint64_t now);
  std::size_t calls_under_way() const { return under_way_; }

  // False when the session is broken; the meter knows why.
  bool receive(std::string_view message, std::uint64_t now);

 private:
  struct Call {
    std::uint64_t number = 0;
    std::uint64_t started = 0;
    int pushes = 0;  // before and with this one; 0: belongs to a later one
  };

  void push(std::int64_t target, std::string_view path_and_arguments);
  void send_with_id(std::string_view begin, std::int64_t id, std::string_view end);
  bool receive_resolve(Cursor message, std::string_view text, std::uint64_t now);
  bool receive_call(Cursor message, std::string_view text);
  bool receive_pull(Cursor message, std::string_view text);
  bool receive_release(Cursor message, std::string_view text);
  bool broken(std::string_view text);

  const Workload& workload_;
  Meter& meter_;
  MessageSink& sink_;
  std::string message_;
  SequentialTable<Call> calls_;            // by our import ids
  SequentialTable<std::int64_t> results_;  // of our function, by the server's import ids
  std::int64_t functions_ = 0;             // that we have exported
  std::int64_t stream_ = 0;                // the server's export id
  std::size_t under_way_ = 0;
};

}  // namespace bench
