// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_FEW_DESCRIPTORS_HPP
#define BINARLY_TESTS_SUPPORT_FEW_DESCRIPTORS_HPP

#include <fcntl.h>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace binarly::testing {

/// For its lifetime this process can open no further file and no socket; what is open stays.
class few_descriptors {
 public:
  few_descriptors() {
    if (::getrlimit(RLIMIT_NOFILE, &before_) != 0) throw std::runtime_error("getrlimit");
    // Up to the limit that is about to be set there may be gaps.
    const int highest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (highest < 0) throw std::runtime_error("open");
    held_.push_back(highest);
    rlimit lowered = before_;
    lowered.rlim_cur = static_cast<rlim_t>(highest) + 1;
    if (::setrlimit(RLIMIT_NOFILE, &lowered) != 0) throw std::runtime_error("setrlimit");
    for (int more = 0; more >= 0;) {
      more = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (more >= 0) held_.push_back(more);
    }
  }
  ~few_descriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
    for (const int each : held_)
      ::close(each);
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> held_;
};

}  // namespace binarly::testing

#endif
