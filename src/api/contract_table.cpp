#include <capnweb/detail/contract_table.hpp>
#include <capnweb/detail/outcome.hpp>
#include <utility>

namespace capnweb::detail {

namespace {

class TableTarget final : public LocalObject {
 public:
  TableTarget(std::shared_ptr<void> object, const ContractTable& table)
      : object_(std::move(object)), table_(table) {}

  bool call(std::string_view method, Array& arguments, Value& result) override {
    const Row* row = table_.find(method);
    if (!row) return false;
    if (row->info->is_property) return call_property(*row, arguments, result);
    run(*row, arguments, result);
    return true;
  }

  bool call_plain(std::string_view method, const PlainArguments& arguments,
                  PlainResult& result) override {
    const Row* row = table_.find(method);
    if (!row || row->info->is_property) return false;
    Array none;
    IncomingCall call{object_,      table_.type, *row->info,  none,
                      result.value, &arguments,  &result.text};
    row->invoke(call);
    return !call.is_refused;
  }

  bool get(std::string_view property, Value& result) override {
    const Row* row = table_.find(property);
    if (!row || !row->info->is_property) return false;
    Array none;
    run(*row, none, result);
    return true;
  }

  bool has_method(std::string_view name) const override {
    const Row* row = table_.find(name);
    return row && !row->info->is_property;
  }

 private:
  void run(const Row& row, Array& arguments, Value& result) const {
    IncomingCall call{object_, table_.type, *row.info, arguments, result};
    row.invoke(call);
  }
  // A property that holds a function or a promise of one, called like a method.
  bool call_property(const Row& row, Array& arguments, Value& result) const {
    Array none;
    Value value;
    run(row, none, value);
    HookRef function;
    PathView path;
    auto* promise = value.get_if<PromiseRef>();
    if (auto* stub = value.get_if<StubRef>()) function = stub->hook;
    if (promise) {
      function = promise->hook;
      path = promise->path_view();
    }
    if (!function) return false;
    result = Value(PromiseRef{function->call(path, Arguments{std::move(arguments)})});
    return true;
  }

  std::shared_ptr<void> object_;
  const ContractTable& table_;
};

}  // namespace

HookRef make_table_target(std::shared_ptr<void> object, const ContractTable& table) {
  return make_target(std::make_shared<TableTarget>(std::move(object), table));
}

}  // namespace capnweb::detail
