#include <capnweb/detail/handler.hpp>
#include <capnweb/detail/local_object.hpp>
#include <capnweb/target.hpp>
#include <utility>

namespace capnweb {

bool RpcTarget::has_method(std::string_view) const { return true; }

Task<Value> RpcTarget::get(std::string) { co_return Value(); }

namespace detail {

namespace {

// A task of a dynamic target, which keeps the target alive.
class DynamicTask final : public TypedTask<Value> {
 public:
  DynamicTask(std::shared_ptr<RpcTarget> target, Task<Value> task)
      : target_(std::move(target)), task_(std::move(task)) {}

 private:
  const Task<Value>& task() const noexcept override { return task_; }

  std::shared_ptr<RpcTarget> target_;
  Task<Value> task_;
};

class DynamicTarget final : public LocalObject {
 public:
  explicit DynamicTarget(std::shared_ptr<RpcTarget> target) : target_(std::move(target)) {}

  bool call(std::string_view method, Array& arguments, Value& result) override {
    if (!target_->has_method(method)) return false;
    result = run(target_->call(std::string(method), std::move(arguments)));
    return true;
  }
  bool get(std::string_view property, Value& result) override {
    result = run(target_->get(std::string(property)));
    return true;
  }
  bool has_method(std::string_view name) const override { return target_->has_method(name); }

 private:
  Value run(Task<Value> task) const {
    return RunningTask::start(std::make_unique<DynamicTask>(target_, std::move(task)));
  }

  std::shared_ptr<RpcTarget> target_;
};

}  // namespace

HookRef make_dynamic_target(std::shared_ptr<RpcTarget> object) {
  if (!object) return nullptr;
  return make_target(std::make_shared<DynamicTarget>(std::move(object)));
}

}  // namespace detail
}  // namespace capnweb
