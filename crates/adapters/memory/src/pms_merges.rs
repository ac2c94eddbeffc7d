//! What names a member changes hands when two become one, and goes back when they part.

use crate::tables::Tables;
use crm_kernel::{MemberId, MergeId};
use crm_members::{MergeMove, Review, ReviewDecision};

impl Tables {
    pub(crate) fn absorb_pms(&mut self, merge: MergeId, kept: MemberId, from: MemberId) {
        let links = self.pms.links.values_mut();
        for (id, link) in links.filter(|(_, link)| link.member == Some(from)) {
            link.member = Some(kept);
            self.merge_moves.insert((merge, MergeMove::PmsGuest, *id));
        }
        for (id, review) in &mut self.pms.reviews {
            if review.decided_member == Some(from) {
                decide(review, kept);
                let moved = (merge, MergeMove::PmsDecision, id.get());
                self.merge_moves.insert(moved);
            }
            let candidates = &mut review.new.candidates;
            if !candidates.contains(&from) {
                continue;
            }
            candidates.retain(|candidate| *candidate != from);
            let what = if candidates.contains(&kept) {
                MergeMove::PmsCandidateBoth
            } else {
                candidates.push(kept);
                candidates.sort_unstable();
                MergeMove::PmsCandidate
            };
            self.merge_moves.insert((merge, what, id.get()));
        }
    }

    /// Whoever is parted from the guest they became follows them no more.
    pub(crate) fn part_followers(&mut self, members: [MemberId; 2]) {
        for member in members {
            let links = self.pms.links.values_mut();
            let own: Vec<_> = links
                .filter(|(_, link)| link.member == Some(member))
                .collect();
            let codes: Vec<_> = own.iter().map(|(_, link)| link.code.clone()).collect();
            for (_, link) in own {
                link.merged_into = link.merged_into.take().filter(|code| codes.contains(code));
            }
        }
    }

    pub(crate) fn give_back_pms(
        &mut self,
        (what, row): (MergeMove, i64),
        kept: MemberId,
        from: MemberId,
    ) {
        if what == MergeMove::PmsGuest {
            let mut links = self.pms.links.values_mut();
            let link = links.find(|(id, link)| *id == row && link.member == Some(kept));
            let Some((_, link)) = link else { return };
            link.member = Some(from);
            let code = Some(link.code.clone());
            let brought = &self.pms.brought;
            for stay in self.stays.values_mut().filter(|stay| stay.member == kept) {
                let by = brought.get(&stay.order_number);
                if by.is_some_and(|(by, _)| *by == code) {
                    stay.member = from;
                }
            }
            return;
        }
        let Some(review) = self.pms.reviews.get_mut(&row.into()) else {
            return;
        };
        let candidates = &mut review.new.candidates;
        if what == MergeMove::PmsDecision {
            if review.decided_member == Some(kept) {
                decide(review, from);
            }
        } else if candidates.contains(&kept) {
            if what == MergeMove::PmsCandidate {
                candidates.retain(|candidate| *candidate != kept);
            }
            candidates.push(from);
            candidates.sort_unstable();
        }
    }
}

/// The guest is that member now, by whatever was decided.
fn decide(review: &mut Review, member: MemberId) {
    review.decided_member = Some(member);
    if matches!(review.decision, Some(ReviewDecision::Member(_))) {
        review.decision = Some(ReviewDecision::Member(member));
    }
}
