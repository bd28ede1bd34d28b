// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>

struct Ticker {
  void watch(capnweb::Function<void(int)>) {}
  struct Rpc {
    capnweb::Method<&Ticker::watch> watch;
  };
};

capnweb::Task<> use(capnweb::Stub<Ticker> api, std::string tag) {
#if defined(BAD)
  co_await api->watch([tag](int) {});
#else
  auto on_tick = [tag](int) {};
  co_await api->watch(on_tick);
  co_await api->watch([](int) {});
#endif
}
