# The core's own tests as aarch64 programs, under an emulator of the processor: alignment, atomics,
# and whatever else depends on it. The system is Linux, not Android's or Apple's.

# Optimised a little: an emulator makes the slow parts, a store sealed a thousand times, ten times
# slower.
arm64_tests() {
    second_toolchain
    debian_packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    env -u RUSTC_WORKSPACE_WRAPPER PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_DIR=$cross CARGO_PROFILE_DEV_OPT_LEVEL=1 CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
        CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu" \
        nice -n 5 /usr/bin/cargo test --locked --quiet -p toruk-mobile-core --lib \
        --no-default-features -Zbuild-std=std,test --target aarch64-unknown-linux-gnu "$@"
    say "the core's tests as aarch64 programs: $(clock)"
}
