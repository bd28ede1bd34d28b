// devaluate_capabilities.cpp: stubs, promises and streams as expressions (section 1.10 of the
// rules).
#include <utility>

#include "value/json_writer.hpp"
#include "wire/devaluate.hpp"

namespace capnweb {

using detail::HookRef;

namespace {

void write_id(std::string& out, ImportId id) {
  write_json_integer(out, static_cast<std::int64_t>(id));
}

void write_id(std::string& out, ExportId id) {
  write_json_integer(out, static_cast<std::int64_t>(id));
}

}  // namespace

// Nobody would own what is sent without a session (V-66) or in the error of a reject (V-40).
bool Devaluator::may_send(std::string_view what) {
  if (exporter_ && ownership_ == Ownership::kOwned) return true;
  return fail(Error("Can't serialize " + std::string(what) + " in this context."));
}

// A value that was moved from has let go of its capability.
bool Devaluator::is_alive(const HookRef& hook) {
  return hook || fail(Error("Attempted to use RPC stub after it has been disposed."));
}

bool Devaluator::put_export(std::string_view kind, Expected<ExportId> id) {
  if (!id) return fail(std::move(id.error()));
  exported_.push_back(*id);
  out_ += "[\"";
  out_ += kind;
  out_ += "\",";
  write_id(out_, *id);
  out_ += ']';
  return true;
}

bool Devaluator::put_readable(Expected<ImportId> id) {
  if (!id) return fail(std::move(id.error()));
  pipes_.push_back(*id);
  out_ += R"(["readable",)";
  write_id(out_, *id);
  out_ += ']';
  return true;
}

bool Devaluator::stub(const HookRef& hook) {
  if (!may_send("RPC stubs") || !is_alive(hook)) return false;
  const auto id = exporter_->find_import(*hook);
  if (!id) return put_export("export", exporter_->export_stub(hook));  // V-59
  out_ += R"(["import",)";                                             // V-58
  write_id(out_, *id);
  out_ += ']';
  return true;
}

bool Devaluator::promise(const detail::PromiseRef& promise) {
  if (!may_send("RPC stubs") || !is_alive(promise.hook)) return false;
  const PathView path = promise.path_view();
  if (const auto id = exporter_->find_import(*promise.hook)) {  // V-58
    out_ += R"(["pipeline",)";
    write_id(out_, *id);
    if (!path.empty()) {
      out_ += ',';
      write_path(path, out_);
    }
    out_ += ']';
    return true;
  }
  // The export has to own what it promises: a property becomes a promise of its own.
  HookRef hook = path.empty() ? promise.hook : promise.hook->get(path);
  if (hook->is_stub()) return put_export("export", exporter_->export_stub(std::move(hook)));
  return put_export("promise", exporter_->export_promise(std::move(hook)));
}

bool Devaluator::writable(const HookRef& hook) {
  return may_send("WritableStream") && is_alive(hook) &&
         put_export("writable", exporter_->export_writable(hook));
}

bool Devaluator::readable(const HookRef& hook) {
  return may_send("ReadableStream") && is_alive(hook) && put_readable(exporter_->create_pipe(hook));
}

}  // namespace capnweb
