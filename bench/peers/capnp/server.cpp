// capnp-server: the service of the benchmarks on Cap'n Proto's two-party RPC.
#include <capnp/ez-rpc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "service.capnp.h"

namespace {

class ProfileServer final : public Profile::Server {
 public:
  explicit ProfileServer(std::int64_t id) : id_(id) {}
  kj::Promise<void> name(NameContext call) override {
    call.getResults().setName("user " + std::to_string(id_));
    return kj::READY_NOW;
  }

 private:
  std::int64_t id_;
};

class UserServer final : public User::Server {
 public:
  explicit UserServer(std::int64_t id) : id_(id) {}
  kj::Promise<void> profile(ProfileContext call) override {
    call.getResults().setProfile(kj::heap<ProfileServer>(id_));
    return kj::READY_NOW;
  }

 private:
  std::int64_t id_;
};

class ServiceServer final : public Service::Server {
 public:
  ServiceServer() {
    for (int i = 0; i < 100; ++i) names_.push_back("item " + std::to_string(i));
  }
  kj::Promise<void> add(AddContext call) override {
    call.getResults().setResult(call.getParams().getA() + call.getParams().getB());
    return kj::READY_NOW;
  }
  kj::Promise<void> echo(EchoContext call) override {
    call.getResults().setText(call.getParams().getText());
    return kj::READY_NOW;
  }
  kj::Promise<void> sum(SumContext call) override {
    double total = 0;
    for (const double number : call.getParams().getNumbers()) total += number;
    call.getResults().setResult(total);
    return kj::READY_NOW;
  }
  kj::Promise<void> list(ListContext call) override {
    auto items = call.getResults().initItems(static_cast<kj::uint>(names_.size()));
    for (kj::uint i = 0; i < items.size(); ++i) {
      items[i].setId(i);
      items[i].setName(names_[i]);
      items[i].setOk(i % 2 == 0);
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> authenticate(AuthenticateContext call) override {
    call.getResults().setUser(kj::heap<UserServer>(call.getParams().getId()));
    return kj::READY_NOW;
  }
  kj::Promise<void> callMe(CallMeContext call) override {
    auto request = call.getParams().getFunction().callRequest();
    request.setX(call.getParams().getX());
    return request.send().then(
        [call](auto&& answer) mutable { call.getResults().setResult(answer.getResult()); });
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves what the benchmarks call, on Cap'n Proto.");
  unsigned port = 0;
  app.add_option("--port", port, "0 takes one that is free");
  CLI11_PARSE(app, argc, argv);

  capnp::ReaderOptions options;
  options.traversalLimitInWords = 1u << 30;
  capnp::EzRpcServer server(kj::heap<ServiceServer>(), "127.0.0.1", port, options);
  std::printf("listening on %u\n", server.getPort().wait(server.getWaitScope()));
  std::fflush(stdout);
  kj::NEVER_DONE.wait(server.getWaitScope());
}
