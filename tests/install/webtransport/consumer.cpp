// Calls itself over WebTransport.
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <memory>

struct Greeter {
  int answer() const { return 42; }
  struct Rpc {
    capnweb::Method<&Greeter::answer> answer;
  };
};

capnweb::Task<> call_oneself(bool& is_right) {
  capnweb::Server server({.host = "127.0.0.1"}, [] { return std::make_unique<Greeter>(); });
  capnweb::WebTransportListener listener(server);
  const auto hash = listener.certificate().hash();
  const capnweb::ConnectOptions options{.transport =
                                            capnweb::webtransport({.certificate_hashes = {hash}})};
  const auto greeter = co_await capnweb::connect<Greeter>(listener.url(), options);
  is_right = co_await greeter->answer() == 42;
}

int main() {
  bool is_right = false;
  capnweb::run(call_oneself(is_right));
  return is_right ? 0 : 1;
}
