// intrusive_list.hpp: objects in a list that they leave when they are destroyed.
#pragma once

namespace capnweb {

// A place in at most one list.
class ListLink {
 public:
  ListLink() = default;
  ListLink(const ListLink&) = delete;
  ListLink& operator=(const ListLink&) = delete;
  ~ListLink() { unlink(); }

  bool is_linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (!next_) return;
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
  }

 private:
  friend class IntrusiveList;
  ListLink* next_ = nullptr;
  ListLink* previous_ = nullptr;
};

// Owns nothing; what is left when it is destroyed is unlinked.
class IntrusiveList {
 public:
  IntrusiveList() noexcept { ends_.next_ = ends_.previous_ = &ends_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (!empty()) pop_front();
    ends_.next_ = ends_.previous_ = nullptr;
  }

  bool empty() const noexcept { return ends_.next_ == &ends_; }
  // REQUIRES: not in a list.
  void push_back(ListLink& link) noexcept {
    link.next_ = &ends_;
    link.previous_ = ends_.previous_;
    ends_.previous_->next_ = &link;
    ends_.previous_ = &link;
  }
  // REQUIRES: !empty().
  ListLink& pop_front() noexcept {
    ListLink& first = *ends_.next_;
    first.unlink();
    return first;
  }

 private:
  ListLink ends_;
};

}  // namespace capnweb
