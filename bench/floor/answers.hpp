// answers.hpp: answering the workloads with no RPC in between.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "common/sequential_table.hpp"

namespace bench {

// How messages leave: as WebSocket frames or as lines of a batch.
enum class Framing { kWebSocket, kLines };

// Does with the text of each call what a handler must (adds, copies, sums, prints), finds ids by
// counting, and nothing else: no evaluation, no checks, no tables of capabilities. The peer is
// bench-load, and is trusted.
class Answers {
 public:
  explicit Answers(Framing framing) : framing_(framing) {}

  // Appends to `out` what one message causes.
  void receive(std::string_view message, std::string& out);

 private:
  // A result, as JSON, until it has been sent or called.
  struct Result {
    std::string text;
    bool is_here = false;
    bool is_pulled = false;
  };

  void push(std::string_view message, std::string& out);
  void call_back(std::int64_t id, std::string_view function_and_argument, std::string& out);
  void pull(std::int64_t id, std::string& out);
  void take_callback_result(std::string_view message, std::string& out);
  void answer(std::int64_t id, std::string_view result, std::string& out);
  void send(std::initializer_list<std::string_view> parts, std::string& out) const;

  const Framing framing_;
  SequentialTable<Result> results_;
  SequentialTable<std::int64_t> callbacks_;  // whose answer each of our own calls is for
};

}  // namespace bench
