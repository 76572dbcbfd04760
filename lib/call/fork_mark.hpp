// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_FORK_MARK_HPP
#define BINARLY_CALL_FORK_MARK_HPP

#include <sys/types.h>

namespace binarly::call {

/// Tells whether the process is a child of the one that made this object.
///
/// Linux wipes a page that is marked for it in each child, so to ask costs one load. To ask for the
/// process's id instead is a call to the system, 50 ns to 2 us for each lookup; it is what is done
/// where no such page is to be had.
class fork_mark {
 public:
  fork_mark() noexcept;
  ~fork_mark();
  fork_mark(const fork_mark&) = delete;
  fork_mark& operator=(const fork_mark&) = delete;

  /// From any thread.
  [[nodiscard]] bool in_child() const noexcept {
    return page_ != nullptr ? *page_ == 0 : is_other_process();
  }

 private:
  [[nodiscard]] bool is_other_process() const noexcept;

  const ::pid_t process_;
  const volatile unsigned char* page_ = nullptr;
};

}  // namespace binarly::call

#endif
