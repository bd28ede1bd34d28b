#include "cap/text_hook.hpp"

#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/limits.hpp>
#include <utility>

#include "cap/recycled.hpp"
#include "value/json_tape.hpp"
#include "wire/expression.hpp"

namespace capnweb::detail {

namespace {

class TextHook final : public Hook, public Recycled<TextHook> {
 public:
  explicit TextHook(std::string expression) : expression_(std::move(expression)) {}

  const std::string* plain_text() const noexcept override {
    return value_ ? nullptr : &expression_;
  }

  HookRef call(PathView path, Arguments arguments) override {
    return value().call(path, std::move(arguments));
  }
  HookRef get(PathView path) override { return path.empty() ? HookRef(this) : value().get(path); }
  HookRef map(PathView path, MapProgram program) override {
    return value().map(path, std::move(program));
  }
  Outcome* outcome() override { return value().outcome(); }
  void wait(Waiter&) override {}  // never: it is settled
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }

 private:
  Hook& value() {
    if (!value_) value_ = evaluated();
    return *value_;
  }
  HookRef evaluated() const {
    BorrowedTape tape;
    const auto json = tape->parse(expression_);
    if (!json) return make_rejected(json.error());
    auto result = evaluate(*json, nullptr, Limits{});
    if (!result) return make_rejected(result.error());
    return make_resolved(std::move(result->value));
  }

  std::string expression_;
  HookRef value_;  // once somebody has looked into it
};

}  // namespace

HookRef make_text_promise(std::string expression) {
  return make_ref<TextHook>(std::move(expression));
}

}  // namespace capnweb::detail
