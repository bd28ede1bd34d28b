// fakes.hpp: hooks and sessions that only write down what is done to them.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/serialize.hpp>
#include <capnweb/value.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "wire/expression.hpp"

namespace capnweb::testing {

using Log = std::vector<std::string>;

// Something to call. It is known by its name, and so is what comes of it: "f", "f.a", "f.a()".
class FakeHook final : public detail::Hook {
 public:
  enum class Role { kStub, kPromise };

  FakeHook(Log& log, std::string name, Role role)
      : log_(log), name_(std::move(name)), role_(role) {}
  ~FakeHook() override { log_.push_back("release " + name_); }

  const std::string& name() const { return name_; }
  detail::HookRef call(PathView path, detail::Arguments arguments) override;
  detail::HookRef get(PathView path) override;
  detail::HookRef map(PathView path, detail::MapProgram program) override;
  bool is_stub() const override { return role_ == Role::kStub; }
  detail::Outcome* outcome() override { return nullptr; }
  void wait(detail::Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }

 private:
  detail::HookRef result(const std::string& name) const {
    return detail::make_ref<FakeHook>(log_, name, Role::kPromise);
  }
  std::string path_name(PathView path) const;

  Log& log_;
  std::string name_;
  Role role_;
};

inline detail::HookRef fake_stub(Log& log, std::string name) {
  return detail::make_ref<FakeHook>(log, std::move(name), FakeHook::Role::kStub);
}
inline detail::HookRef fake_promise(Log& log, std::string name) {
  return detail::make_ref<FakeHook>(log, std::move(name), FakeHook::Role::kPromise);
}

inline std::string name_of(const detail::HookRef& hook) {
  return dynamic_cast<const FakeHook&>(*hook).name();
}

// A value for people: JSON, with <name> for a stub, <name?> for a promise.
inline std::string show(const Value& value) {
  const auto list = [](const Array& items) {
    std::string text;
    for (const Value& item : items) text += (text.empty() ? "" : ",") + show(item);
    return text;
  };
  if (auto* stub = value.get_if<detail::StubRef>()) return "<" + name_of(stub->hook) + ">";
  if (auto* promise = value.get_if<detail::PromiseRef>())
    return "<" + name_of(promise->hook) + (promise->path ? "+path" : "") + "?>";
  if (auto* stream = value.get_if<detail::ReadableRef>())
    return "<" + name_of(stream->hook) + " reads>";
  if (auto* stream = value.get_if<detail::WritableRef>())
    return "<" + name_of(stream->hook) + " writes>";
  if (auto* items = value.get_if<Array>()) return "[" + list(*items) + "]";
  if (auto* object = value.get_if<Object>()) {
    std::string text;
    for (const auto& [key, item] : *object)
      text += (text.empty() ? "" : ",") + key + ":" + show(item);
    return "{" + text + "}";
  }
  return serialize(value);
}

inline std::string FakeHook::path_name(PathView path) const {
  std::string text = name_;
  for (const PathPart& part : path) {
    if (auto* name = std::get_if<std::string>(&part)) {
      text += "." + *name;
    } else {
      text += "[" + serialize(std::get<double>(part)) + "]";
    }
  }
  return text;
}

inline detail::HookRef FakeHook::call(PathView path, detail::Arguments arguments) {
  const std::string name = path_name(path);
  const Value values(std::move(arguments.values));
  log_.push_back("call " + name + show(values) + (arguments.may_hold_promises ? " waiting" : ""));
  return result(name + "()");
}

inline detail::HookRef FakeHook::get(PathView path) {
  if (path.empty() && is_stub()) return detail::HookRef(this);
  log_.push_back("get " + path_name(path));
  return result(path_name(path));
}

inline detail::HookRef FakeHook::map(PathView path, detail::MapProgram program) {
  const Value captures(std::move(program.captures));
  log_.push_back("map " + path_name(path) + " " + show(captures) + " " + program.instructions +
                 (program.budget ? " in " + std::to_string(program.budget->left) + " steps" : ""));
  return result(path_name(path) + ".map()");
}

// Has the exports 0 (a stub "main"), 1 (a promise "result"), and a pipe, 2.
class FakeImporter final : public Importer {
 public:
  using Found = Expected<detail::HookRef>;

  explicit FakeImporter(Log& log) : log_(log) {}

  Found import_stub(ImportId id) override { return import("import ", id, FakeHook::Role::kStub); }
  Found import_promise(ImportId id) override {
    return import("import promise ", id, FakeHook::Role::kPromise);
  }
  Found import_writable(ImportId id) override {
    return import("import writable ", id, FakeHook::Role::kStub);
  }
  Found find_export(ExportId id) override {
    if (id == ExportId{0}) return main_;
    if (id == ExportId{1}) return result_;
    return Error("no such entry on exports table: " + std::to_string(static_cast<long long>(id)));
  }
  Found take_readable(ExportId id) override {
    if (id == ExportId{2}) return fake_stub(log_, "pipe");
    return Error("not a pipe: " + std::to_string(static_cast<long long>(id)));
  }
  Found collect_blob(std::string type, detail::HookRef readable) override {
    log_.push_back("collect " + type + " " + name_of(readable));
    return fake_promise(log_, "blob");
  }
  std::shared_ptr<detail::MapBudget> map_budget() override { return budget; }

  std::shared_ptr<detail::MapBudget> budget;

 private:
  Found import(const char* what, ImportId id, FakeHook::Role role) {
    const std::string number = std::to_string(static_cast<long long>(id));
    if (id == ImportId{-13}) return Error("no import -13");
    log_.push_back(what + number);
    return Found(detail::make_ref<FakeHook>(log_, "peer" + number, role));
  }

  Log& log_;
  detail::HookRef main_ = fake_stub(log_, "main");
  detail::HookRef result_ = fake_promise(log_, "result");
};

// Gives ids from -1 down to exports, from 1 up to pipes, and refuses the export of "refused".
class FakeExporter final : public Exporter {
 public:
  std::optional<ImportId> find_import(detail::Hook& hook) override {
    const auto found = imports.find(&hook);
    return found == imports.end() ? std::nullopt : std::optional(found->second);
  }
  Expected<ExportId> export_stub(detail::HookRef hook) override { return offer("stub", hook); }
  Expected<ExportId> export_promise(detail::HookRef hook) override {
    return offer("promise", hook);
  }
  Expected<ExportId> export_writable(detail::HookRef hook) override {
    return offer("writable", hook);
  }
  void unexport(ExportId id) override {
    log.push_back("unexport " + std::to_string(static_cast<long long>(id)));
    offered.erase(id);
  }
  Expected<ImportId> create_pipe(detail::HookRef readable) override {
    return pipe(name_of(readable));
  }
  Expected<ImportId> create_pipe(Bytes bytes) override {
    return pipe(std::string(bytes_kind_name(bytes.kind())) + " '" + std::string(bytes.text()) +
                "'");
  }
  void abandon_pipe(ImportId id) override {
    log.push_back("abandon " + std::to_string(static_cast<std::int64_t>(id)));
  }
  std::optional<Error> on_send_error(const Error& error) override {
    log.push_back("error " + error.message());
    return rewrite ? rewrite(error) : std::nullopt;
  }

  std::map<const detail::Hook*, ImportId> imports;
  std::map<ExportId, detail::HookRef> offered;
  std::function<std::optional<Error>(const Error&)> rewrite;
  bool has_pipes = true;
  Log log;

 private:
  Expected<ExportId> offer(const std::string& what, detail::HookRef hook) {
    if (name_of(hook) == "refused") return Error("no room for exports");
    log.push_back(what + " " + name_of(hook));
    const ExportId id{next_export_--};
    offered.emplace(id, std::move(hook));
    return id;
  }
  Expected<ImportId> pipe(const std::string& what) {
    if (!has_pipes) return Error("no room for pipes");
    log.push_back("pipe " + what);
    return ImportId{next_pipe_++};
  }

  std::int64_t next_export_ = -1;
  std::int64_t next_pipe_ = 1;
};

// A parsed text, held for as long as its view is used.
class Parsed {
 public:
  explicit Parsed(std::string text) : text_(std::move(text)), view_(tape_.parse(text_)) {}
  JsonView operator*() { return *view_; }

 private:
  std::string text_;
  JsonTape tape_;
  Expected<JsonView> view_;
};

// What an expression evaluates to without a session, as an expression again; or the error.
inline std::string echo(const std::string& text, const Limits& limits = {}) {
  try {
    return serialize(deserialize(text, limits));
  } catch (const Error& error) {
    return error.what();
  }
}

// `levels` arrays around `inner`, each escaped.
inline std::string nested(std::size_t levels, const std::string& inner) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += "[[";
  text += inner;
  for (std::size_t i = 0; i < levels; ++i) text += "]]";
  return text;
}

}  // namespace capnweb::testing
