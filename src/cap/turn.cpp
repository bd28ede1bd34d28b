#include "cap/turn.hpp"

#include <capnweb/detail/call_meter.hpp>

namespace capnweb::detail {

void WaiterList::push_back(Waiter& waiter) noexcept {
  WaitLink& link = waiter;
  link.previous = ends_.previous;
  link.next = &ends_;
  ends_.previous->next = &link;
  ends_.previous = &link;
}

void WaiterList::splice_back(WaiterList& other) noexcept {
  if (other.empty()) return;
  WaitLink* first = other.ends_.next;
  WaitLink* last = other.ends_.previous;
  first->previous = ends_.previous;
  ends_.previous->next = first;
  last->next = &ends_;
  ends_.previous = last;
  other.reset();
}

Waiter* WaiterList::pop_front() noexcept {
  Waiter* first = front();
  first->stop_waiting();
  return first;
}

void WaiterList::clear() noexcept {
  while (!empty()) pop_front();
}

namespace {

struct Queue {
  WaiterList ready;
  int open_turns = 0;
  bool draining = false;
};
thread_local Queue queue;

}  // namespace

Turn::Turn() noexcept { ++queue.open_turns; }

Turn::~Turn() {
  if (queue.open_turns == 1) drain();
  --queue.open_turns;
}

void Turn::add(Waiter& waiter) noexcept {
  queue.ready.push_back(waiter);
  if (queue.open_turns == 0) drain();
}

void Turn::add(WaiterList& waiters) noexcept {
  queue.ready.splice_back(waiters);
  if (queue.open_turns == 0) drain();
}

void Turn::drain() noexcept {
  if (queue.draining || queue.ready.empty()) return;
  queue.draining = true;
  const CallMeter::Scope unmetered(nullptr);  // what waited is part of no message
  while (!queue.ready.empty()) WaiterList::run(*queue.ready.pop_front());
  queue.draining = false;
}

}  // namespace capnweb::detail
