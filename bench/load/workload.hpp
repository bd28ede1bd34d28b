// workload.hpp: what one kind of call sends, and what must come back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

// Calls are numbered; what a call sends is a function of its number, and so is the right answer.
class Workload {
 public:
  // How a call makes use of the protocol.
  enum class Shape {
    kCall,      // one push and one pull
    kChain,     // a call on the result of a call on the result of a call
    kCallback,  // as kCall, with a function that the server calls before it answers
    kStream,    // a write to a stream that was opened before
    kFrame,     // no RPC: a text that comes back as it is
  };

  virtual ~Workload() = default;
  virtual Shape shape() const { return Shape::kCall; }

  // Appends `["method"],[arguments]` of the call; a kFrame its whole text. `function` is the export
  // id of the function that kCallback sends along.
  virtual void write(std::string& out, std::uint64_t number, std::int64_t function) const = 0;

  // Whether `result`, as JSON, answers the call.
  virtual bool is_right(std::string_view result, std::uint64_t number) const = 0;
};

// `name` as in Options::workload; throws std::invalid_argument if there is none of that name.
// `size` is that of the strings that some carry.
std::unique_ptr<const Workload> make_workload(std::string_view name, std::size_t size);

}  // namespace bench
