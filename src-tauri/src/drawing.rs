//! How the page is drawn. Without a graphics card (a virtual machine, a remote desktop) WebKitGTK draws through an emulated
//! one, at 100 to 250 ms a frame; by the processor alone a frame takes less than 20 ms.

/// Starts this program over, told to draw by the processor, if there is no graphics card. Comes back when there is one,
/// when somebody has chosen already, and on other systems.
pub(crate) fn choose() {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;
        /// WebKitGTK reads these when it starts; a program's own environment cannot be changed safely.
        const BY_PROCESSOR: [&str; 2] = ["WEBKIT_DISABLE_DMABUF_RENDERER", "WEBKIT_SKIA_ENABLE_CPU_RENDERING"];
        let cards = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
        let has_card = cards.into_iter().any(|card| card.file_name().to_string_lossy().starts_with("renderD"));
        if has_card || BY_PROCESSOR.iter().any(|name| std::env::var_os(name).is_some()) {
            return;
        }
        if let Ok(program) = std::env::current_exe() {
            // It comes back only if it could not be started; then it is drawn slowly.
            let _ = std::process::Command::new(program)
                .args(std::env::args_os().skip(1))
                .envs(BY_PROCESSOR.map(|name| (name, "1")))
                .exec();
        }
    }
}
