// recorder.hpp: a capability that only writes down what is asked of it.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <string>
#include <vector>

namespace capnweb::testing {

// A path as text: names quoted, indexes bare.
inline std::string path_text(PathView path) {
  std::string text;
  for (const PathPart& part : path) {
    if (!text.empty()) text += '.';
    if (auto* name = std::get_if<std::string>(&part))
      text += '"' + *name + '"';
    else
      text += std::to_string(static_cast<int>(std::get<double>(part)));
  }
  return text;
}

class Recorder final : public detail::Hook {
 public:
  std::vector<std::string> log;
  std::vector<detail::Arguments> arguments;
  Value answer;

  detail::HookRef call(PathView path, detail::Arguments args) override {
    log.push_back("call " + path_text(path));
    arguments.push_back(std::move(args));
    return detail::make_resolved(answer);
  }
  detail::HookRef get(PathView path) override {
    log.push_back("get " + path_text(path));
    return detail::make_resolved(answer);
  }
  detail::HookRef map(PathView, detail::MapProgram) override {
    return detail::make_rejected(Error("no map here"));
  }
  bool is_stub() const override { return true; }
  detail::Outcome* outcome() override { return nullptr; }
  void wait(detail::Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)> callback) override {
    callback(Error("broken"));
    return std::make_shared<int>();
  }
};

// Holds a Recorder for a test. What it wrote down may refer to it; that ends with the test.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) = delete;
  ~Recording() { recorder_->arguments.clear(); }
  Recorder* operator->() const noexcept { return recorder_.get(); }
  detail::HookRef hook() const noexcept { return recorder_; }

 private:
  detail::Ref<Recorder> recorder_ = detail::make_ref<Recorder>();
};

}  // namespace capnweb::testing
