//! The use-cases of members, over the memory store, a vault without a lock and a moved clock.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod delete;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hotel_days;
#[cfg(test)]
mod import;
#[cfg(test)]
mod import_runs;
#[cfg(test)]
mod line;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod pms_matching;
#[cfg(test)]
mod pms_said;
#[cfg(test)]
mod register;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod stays;
#[cfg(test)]
mod undo_merge;
#[cfg(test)]
mod update;
