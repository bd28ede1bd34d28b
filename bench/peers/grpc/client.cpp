// grpc-client: the load generator for grpc-server. Same calls, windows, checks and report as
// bench-load; gRPC's own client does the work.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/meter.hpp"
#include "common/options.hpp"
#include "common/process.hpp"
#include "service.grpc.pb.h"

namespace {

using namespace bench::grpc_service;

class Step {
 public:
  virtual ~Step() = default;
  virtual bool is_right() const = 0;
  const grpc::Status& status() const { return status_; }
  std::uint64_t started() const { return started_; }

 protected:
  grpc::ClientContext context_;
  grpc::Status status_;

 private:
  const std::uint64_t started_ = bench::now_ns();
};

// One call and its answer.
template <class In, class Out, class Check>
class Call final : public Step {
 public:
  using Start = std::unique_ptr<grpc::ClientAsyncResponseReader<Out>> (Api::Stub::*)(
      grpc::ClientContext*, const In&, grpc::CompletionQueue*);

  Call(Api::Stub& stub, grpc::CompletionQueue& queue, Start start, const In& in, Check check)
      : check_(check), reader_((stub.*start)(&context_, in, &queue)) {
    reader_->Finish(&out_, &status_, static_cast<Step*>(this));
  }
  bool is_right() const override { return check_(out_); }

 private:
  Check check_;
  Out out_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Out>> reader_;
};

class Load {
 public:
  explicit Load(const bench::Options& options) : options_(options), meter_(options) {
    text_.set_text(std::string(options.size, 'a'));
    for (int i = 0; i < 1000; ++i) numbers_.add_values(i % 2 == 0 ? i : i + 0.5);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each
    for (std::size_t i = 0; i < options.connections; ++i)
      stubs_.push_back(
          Api::NewStub(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(options.port),
                                                 grpc::InsecureChannelCredentials(), arguments)));
  }

  int operator()() {
    for (auto& stub : stubs_)
      for (std::size_t i = 0; i < options_.window; ++i) start(*stub);
    void* tag = nullptr;
    bool is_ok = false;
    while (under_way_ != 0 && queue_.Next(&tag, &is_ok)) {
      const std::unique_ptr<Step> step(static_cast<Step*>(tag));
      --under_way_;
      if (!step->status().ok()) meter_.fail(step->status().error_message());
      if (step->status().ok() && !step->is_right()) meter_.fail("wrong answer");
      meter_.finish_call(step->started(), bench::now_ns());
      if (meter_.may_start() && meter_.errors() == 0) start(*stubs_[next_++ % stubs_.size()]);
    }
    return meter_.report();
  }

 private:
  template <class In, class Out, class Check>
  void start(Api::Stub& stub,
             std::unique_ptr<grpc::ClientAsyncResponseReader<Out>> (Api::Stub::*method)(
                 grpc::ClientContext*, const In&, grpc::CompletionQueue*),
             const In& in, Check check) {
    auto call = std::make_unique<Call<In, Out, Check>>(stub, queue_, method, in, check);
    static_cast<void>(call.release());  // the queue has it
    ++under_way_;
  }

  void start(Api::Stub& stub) {
    const std::string& workload = options_.workload;
    if (workload == "add") {
      Pair pair;
      pair.set_a(static_cast<double>(number_ % 1000));
      pair.set_b(static_cast<double>(number_++ % 77));
      const double sum = pair.a() + pair.b();
      start(stub, &Api::Stub::AsyncAdd, pair,
            [sum](const Number& out) { return out.value() == sum; });
    } else if (workload == "echo") {
      start(stub, &Api::Stub::AsyncEcho, text_,
            [this](const Text& out) { return out.text() == text_.text(); });
    } else if (workload == "sum") {
      start(stub, &Api::Stub::AsyncSum, numbers_,
            [](const Number& out) { return out.value() == 499750; });
    } else if (workload == "list") {
      start(stub, &Api::Stub::AsyncList, Nothing(), [](const Items& out) {
        return out.items_size() == 100 && out.items(99).name() == "item 99";
      });
    } else {
      throw std::invalid_argument("no such workload: " + workload);
    }
  }

  const bench::Options options_;
  bench::Meter meter_;
  Text text_;
  Numbers numbers_;
  std::vector<std::unique_ptr<Api::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  std::size_t under_way_ = 0;
  std::size_t next_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto options = bench::parse_options(argc, argv, "Loads grpc-server.");
  try {
    return Load(options)();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "grpc-client: %s\n", error.what());
    return 1;
  }
}
