// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace binarly::call {
namespace {

/// The system rounds it up to a page.
constexpr ::size_t size = 1;

unsigned char* make_page() noexcept {
#ifdef MADV_WIPEONFORK
  void* const page =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (::madvise(page, size, MADV_WIPEONFORK) == 0) {
    auto* const mark = static_cast<unsigned char*>(page);
    *mark = 1;
    return mark;
  }
  ::munmap(page, size);
#endif
  return nullptr;
}

}  // namespace

fork_mark::fork_mark() noexcept : process_(::getpid()), page_(make_page()) {}

fork_mark::~fork_mark() {
  if (page_ != nullptr) ::munmap(const_cast<unsigned char*>(page_), size);
}

bool fork_mark::is_other_process() const noexcept { return ::getpid() != process_; }

}  // namespace binarly::call
