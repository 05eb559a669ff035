# iOS: with Xcode what ships, without it the same targets, checked.

# build_ios [--plain] [--all-shipping]
build_ios() {
    local plain=""
    while [ $# -gt 0 ]; do
        case "$1" in
            --plain) plain=1 ;;
            --all-shipping) plain=1 all_shipping=1 ;;
            *) usage ;;
        esac
        shift
    done
    ios=$phones/ios
    rm -rf "$ios"
    mkdir -p "$ios"
    if [ -z "$plain" ] && command -v xcodebuild >/dev/null; then
        ios_with_xcode
    else
        ios_plain
    fi
}

# What ships. Not run by CI, which has no Mac: a few lines, each of which CI's own build has, too.
ios_with_xcode() {
    local target bin
    # The compiler's own llvm-objcopy and llvm-nm.
    rustup component add llvm-tools
    bin=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
    for target in $IOS_TARGETS; do
        rustup target add "$target"
        IPHONEOS_DEPLOYMENT_TARGET=$IOS_MIN cargo rustc --locked -p toruk-mobile-core --lib \
            --crate-type staticlib --profile mobile --no-default-features --target "$target"
        mkdir -p "$ios/$target"
        hide_sqlite "$target_dir/$target/mobile/lib$library.a" "$ios/$target/lib$library.a" \
            "$bin/llvm-nm" "$bin/llvm-objcopy"
    done
    swift_sources "$target_dir/aarch64-apple-ios/mobile/lib$library.a"
    xcodebuild -create-xcframework \
        -library "$ios/aarch64-apple-ios/lib$library.a" -headers "$ios/headers" \
        -library "$ios/aarch64-apple-ios-sim/lib$library.a" -headers "$ios/headers" \
        -output "$ios/TorukCore/TorukCoreFFI.xcframework"
    say "Swift package: $ios/TorukCore"
}

ios_plain() {
    second_toolchain
    local target set
    for target in $IOS_TARGETS; do
        for set in $(feature_sets "$target"); do
            ios_target "$target" "$set"
        done
    done
    swift_sources "$ios/aarch64-apple-ios/lean/lib$library.a"
    python3 "$here/lib/xcframework.py" "$ios/TorukCore/TorukCoreFFI.xcframework" "$ios/headers" \
        "$ios/aarch64-apple-ios/lean/lib$library.a" \
        "$ios/aarch64-apple-ios-sim/lean/lib$library.a"
    say "checked, not for shipping: $ios/TorukCore"
    python3 "$here/lib/inspect.py" table "$ios/sizes.tsv"
}

# ios_target TARGET SET: builds, hides SQLite's names, links as an app would, and looks into it.
ios_target() {
    local target=$1 set=$2 folder=$ios/$1/$2 how sdk archive linked
    how=$(how_built "$target" "$set")
    sdk=$(apple_headers "$target")
    c_compiler "$target" ""
    mkdir -p "$folder"
    # shellcheck disable=SC2046
    IPHONEOS_DEPLOYMENT_TARGET=$IOS_MIN SDKROOT=$sdk cross_build "$target" "$how" staticlib \
        $(feature_arguments "$set")
    archive=$folder/lib$library.a
    hide_sqlite "$cross/$target/mobile/lib$library.a" "$archive" "llvm-nm-$LLVM" \
        "llvm-objcopy-$LLVM"
    linked=$folder/linked.dylib
    ios_link "$target" "$set" "$sdk" "$archive" "$linked"
    python3 "$here/lib/inspect.py" ios "$target" "$set" "$how" "$archive" "$linked" \
        >>"$ios/sizes.tsv"
    say "$target, $set, $how: $(clock)"
}

# apple_headers TARGET: a folder that looks enough like an SDK: the headers Apple publishes, and a
# list of what libSystem exports.
apple_headers() {
    local sdk=$phones/sdk/iPhoneOS.sdk
    case "$1" in *-sim) sdk=$phones/sdk/iPhoneSimulator.sdk ;; esac
    mkdir -p "$sdk/usr/lib"
    ln -sfn "$c_headers/include/any-darwin-any" "$sdk/usr/include"
    python3 "$here/lib/apple_stubs.py" "$c_headers/darwin/libSystem.tbd" \
        "$sdk/usr/lib/libSystem.tbd"
    echo "$sdk"
}

# hide_sqlite FROM TO NM OBJCOPY: gives the SQLite inside names of its own. An archive shares one
# space of names with the app, and one that also links the system's SQLite would have its calls
# answered by this one, which is built with other options. `ld -r` with a list of exports would do
# it, too, but only Apple's linker can; renaming is the same everywhere, so it is what CI checks.
hide_sqlite() {
    local from=$1 to=$2 nm=$3 objcopy=$4
    "$nm" --format=darwin --defined-only --quiet "$from" |
        sed -nE 's/^.* external (_(sqlite3_[A-Za-z0-9_]+))$/\1 _toruk_\2/p' | sort -u >"$to.renamed"
    [ -s "$to.renamed" ] || fail "no SQLite in $from"
    "$objcopy" --redefine-syms="$to.renamed" "$from" "$to"
    rm "$to.renamed"
}

# ios_link TARGET SET SDK ARCHIVE OUT: links the whole archive, keeps what the surface reaches, and
# drops the rest, as an app's release build does.
ios_link() {
    local target=$1 set=$2 sdk=$3 archive=$4 out=$5 platform=ios rest=()
    case "$target" in *-sim) platform=ios-simulator ;; esac
    # Certificates are checked by Apple's Security framework, of which there is no list here.
    [ "$set" = lean ] || rest=(-undefined dynamic_lookup)
    printf '%s\n' '_uniffi_*' '_ffi_*' >"$out.exports"
    "ld64.lld-$LLVM" -dylib -arch arm64 -platform_version "$platform" "$IOS_MIN" "$IOS_MIN" \
        -syslibroot "$sdk" -lSystem -all_load -dead_strip -exported_symbols_list "$out.exports" \
        "${rest[@]}" "$archive" -o "$out"
    "llvm-strip-$LLVM" -x "$out"
    rm "$out.exports"
    if [ "$set" != lean ]; then only_security_is_missing "$out"; fi
}

# Whatever the link left to be looked up belongs to the two frameworks that check certificates.
only_security_is_missing() {
    local strange
    strange=$("llvm-nm-$LLVM" --format=darwin --undefined-only "$1" |
        sed -nE 's/.*external (_[A-Za-z0-9_]+) \(dynamically looked up\)$/\1/p' |
        grep -Ev '^_(k?CF|k?Sec|__CFConstantStringClassReference)' || true)
    [ -z "$strange" ] || fail "unknown to iOS: $strange"
}

# swift_sources LIBRARY: the Swift package around the framework: what is generated from this very
# library, and what is written by hand beside it.
swift_sources() {
    local package=$ios/TorukCore generated=$ios/generated
    generate "$1" "$generated" swift
    mkdir -p "$package/Sources/TorukCore" "$ios/headers"
    cp "$generated/swift/TorukCoreFFI.h" "$ios/headers/"
    cp "$generated/swift/TorukCoreFFI.modulemap" "$ios/headers/module.modulemap"
    cp "$generated/swift/TorukCore.swift" "$package/Sources/TorukCore/"
    cp "$here/swift/Package.swift" "$package/"
    if [ -d "$here/swift/Sources/TorukCore" ]; then
        cp -R "$here/swift/Sources/TorukCore/." "$package/Sources/TorukCore/"
    fi
}
