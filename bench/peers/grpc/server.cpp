// grpc-server: the service of the benchmarks on gRPC. One thread and one completion queue, which is
// what costs it least.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "service.grpc.pb.h"

namespace {

using namespace bench::grpc_service;
using Async = Api::AsyncService;

void handle(const Pair& in, Number& out) { out.set_value(in.a() + in.b()); }
void handle(const Text& in, Text& out) { out.set_text(in.text()); }
void handle(const Numbers& in, Number& out) {
  double total = 0;
  for (const double value : in.values()) total += value;
  out.set_value(total);
}
void handle(const Nothing&, Items& out) {
  for (int i = 0; i < 100; ++i) {
    Item& item = *out.add_items();
    item.set_id(i);
    item.set_name("item " + std::to_string(i));
    item.set_ok(i % 2 == 0);
  }
}

// A call that the queue knows by its address.
class Step {
 public:
  virtual ~Step() = default;
  virtual void go_on() = 0;
};

template <class In, class Out>
class Call final : public Step {
 public:
  using Request = void (Async::*)(grpc::ServerContext*, In*, grpc::ServerAsyncResponseWriter<Out>*,
                                  grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);

  // Waits for the next call of that method; owns itself until it is answered.
  static void wait(Async& service, grpc::ServerCompletionQueue& queue, Request request) {
    auto call = std::make_unique<Call>(service, queue, request);
    (service.*request)(&call->context_, &call->in_, &call->writer_, &queue, &queue, call.get());
    static_cast<void>(call.release());  // the queue has it
  }

  Call(Async& service, grpc::ServerCompletionQueue& queue, Request request)
      : service_(service), queue_(queue), request_(request), writer_(&context_) {}

 private:
  void go_on() override {
    const std::unique_ptr<Call> self(is_answered_ ? this : nullptr);
    if (is_answered_) return;
    wait(service_, queue_, request_);
    Out out;
    handle(in_, out);
    is_answered_ = true;
    writer_.Finish(out, grpc::Status::OK, static_cast<Step*>(this));
  }

  Async& service_;
  grpc::ServerCompletionQueue& queue_;
  const Request request_;
  grpc::ServerContext context_;
  In in_;
  grpc::ServerAsyncResponseWriter<Out> writer_;
  bool is_answered_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves what the benchmarks call, on gRPC.");
  int port = 0;
  app.add_option("--port", port, "0 takes one that is free");
  CLI11_PARSE(app, argc, argv);

  Async service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                           &port);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::printf("listening on %d\n", port);
  std::fflush(stdout);

  Call<Pair, Number>::wait(service, *queue, &Async::RequestAdd);
  Call<Text, Text>::wait(service, *queue, &Async::RequestEcho);
  Call<Numbers, Number>::wait(service, *queue, &Async::RequestSum);
  Call<Nothing, Items>::wait(service, *queue, &Async::RequestList);
  void* step = nullptr;
  bool is_ok = false;
  while (queue->Next(&step, &is_ok)) static_cast<Step*>(step)->go_on();
}
