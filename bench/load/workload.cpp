#include "load/workload.hpp"

#include <stdexcept>

#include "common/text.hpp"

namespace bench {

namespace {

std::int64_t left_of(std::uint64_t number) { return static_cast<std::int64_t>(number % 1000); }
std::int64_t right_of(std::uint64_t number) { return static_cast<std::int64_t>(number % 77); }

std::string quoted_text(std::size_t size) {
  std::string text = "\"";
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * 7 % 26);
  return text + '"';
}

class Add final : public Workload {
  void write(std::string& out, std::uint64_t number, std::int64_t) const override {
    out += R"(["add"],[)";
    append_number(out, left_of(number));
    out += ',';
    append_number(out, right_of(number));
    out += ']';
  }
  bool is_right(std::string_view result, std::uint64_t number) const override {
    return to_number<std::int64_t>(result) == left_of(number) + right_of(number);
  }
};

// Sends the same text always.
class FixedCall : public Workload {
 public:
  FixedCall(Shape shape, std::string sent, std::string received)
      : shape_(shape), sent_(std::move(sent)), received_(std::move(received)) {}
  Shape shape() const override { return shape_; }
  void write(std::string& out, std::uint64_t, std::int64_t) const override { out += sent_; }
  bool is_right(std::string_view result, std::uint64_t) const override {
    return result == received_;
  }

 private:
  Shape shape_;
  std::string sent_;
  std::string received_;
};

class Chain final : public Workload {
  Shape shape() const override { return Shape::kChain; }
  void write(std::string& out, std::uint64_t number, std::int64_t) const override {
    out += R"(["authenticate"],[)";
    append_number(out, left_of(number));
    out += ']';
  }
  bool is_right(std::string_view result, std::uint64_t number) const override {
    constexpr std::string_view kBegin = "\"user ";
    return result.starts_with(kBegin) && result.ends_with('"') &&
           to_number<std::int64_t>(
               result.substr(kBegin.size(), result.size() - kBegin.size() - 1)) == left_of(number);
  }
};

class Callback final : public Workload {
  Shape shape() const override { return Shape::kCallback; }
  void write(std::string& out, std::uint64_t number, std::int64_t function) const override {
    out += R"(["callMe"],[["export",)";
    append_number(out, function);
    out += "],";
    append_number(out, left_of(number));
    out += ']';
  }
  bool is_right(std::string_view result, std::uint64_t number) const override {
    return to_number<std::int64_t>(result) == left_of(number) + 1;
  }
};

// 1000 numbers, every other one with a fraction.
std::unique_ptr<Workload> make_sum() {
  std::string sent = R"(["sum"],[[[)";
  for (int i = 0; i < 1000; ++i) {
    if (i != 0) sent += ',';
    append_number(sent, i);
    if (i % 2 != 0) sent += ".5";
  }
  return std::make_unique<FixedCall>(Workload::Shape::kCall, sent + "]]]", "499750");
}

std::unique_ptr<Workload> make_list() {
  std::string received = "[[";
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    if (i != 0) received += ',';
    received.append(R"({"id":)").append(id).append(R"(,"name":"item )").append(id);
    received.append(i % 2 == 0 ? R"(","ok":true})" : R"(","ok":false})");
  }
  return std::make_unique<FixedCall>(Workload::Shape::kCall, R"(["list"],[])", received + "]]");
}

}  // namespace

std::unique_ptr<const Workload> make_workload(std::string_view name, std::size_t size) {
  using Shape = Workload::Shape;
  if (name == "add" || name == "batch" || name == "idle") return std::make_unique<Add>();
  if (name == "sum") return make_sum();
  if (name == "list") return make_list();
  if (name == "chain") return std::make_unique<Chain>();
  if (name == "callback") return std::make_unique<Callback>();
  const std::string text = quoted_text(size);
  const std::string echo = R"(["echo"],[)" + text + ']';
  if (name == "echo") return std::make_unique<FixedCall>(Shape::kCall, echo, text);
  if (name == "stream")
    return std::make_unique<FixedCall>(Shape::kStream, R"(["write"],[)" + text + ']',
                                       R"(["undefined"])");
  if (name == "frames") {
    const std::string frame = R"(["push",["pipeline",0,)" + echo + "]]";
    return std::make_unique<FixedCall>(Shape::kFrame, frame, frame);
  }
  throw std::invalid_argument("no such workload: " + std::string(name));
}

}  // namespace bench
