//! What a person must decide, and what an erased member takes along.

use crate::tables::Tables;
use crm_kernel::{MemberId, ReviewId, StoreError};
use crm_members::{
    KeptGuest, LinkState, NewReview, PmsFacts, Review, ReviewDecision, ReviewStatus, ReviewSubject,
};

/// A guest of whom only the code is left.
fn emptied(guest: &KeptGuest) -> KeptGuest {
    KeptGuest {
        code: guest.code.clone(),
        last_name: None,
        first_name: None,
        gender: None,
        birthday: None,
        email: None,
        phone: None,
        id_number: None,
        id_index: None,
        accepts_marketing: None,
        visits: None,
        vip: None,
        updated_at: guest.updated_at,
    }
}

impl Tables {
    pub(crate) fn last_reviews(&self, subjects: &[ReviewSubject]) -> Vec<Review> {
        let mut subjects: Vec<&ReviewSubject> = subjects.iter().collect();
        subjects.sort_by_key(|subject| subject.key());
        subjects.dedup();
        let last = |subject: &ReviewSubject| {
            let mut reviews = self.pms.reviews.values().rev();
            reviews.find(|r| r.new.subject == *subject).cloned()
        };
        subjects.into_iter().filter_map(last).collect()
    }

    pub(crate) fn ask(&mut self, review: &NewReview) -> Result<ReviewId, StoreError> {
        let mut candidates = review.candidates.iter();
        let is_known = self.pms.runs.contains_key(&review.run)
            && candidates.all(|id| self.members.contains_key(id));
        if !is_known {
            return Err(StoreError::Reference);
        }
        let mut open = self.pms.reviews.values_mut();
        let asked =
            |r: &&mut Review| r.status == ReviewStatus::Open && r.new.subject == review.subject;
        if let Some(open) = open.find(asked) {
            open.new = NewReview {
                at: open.new.at,
                ..review.clone()
            };
            return Ok(open.id);
        }
        let id = self.next_id();
        let row = Review {
            id,
            new: review.clone(),
            status: ReviewStatus::Open,
            decision: None,
            decided_member: None,
            decided_by: None,
            decided_at: None,
        };
        self.pms.reviews.insert(id, row);
        Ok(id)
    }

    pub(crate) fn settle_review_row(&mut self, review: &Review) -> Result<(), StoreError> {
        if review
            .decided_member
            .is_some_and(|id| !self.members.contains_key(&id))
        {
            return Err(StoreError::Reference);
        }
        let row = self.pms.reviews.get_mut(&review.id);
        let row = row.ok_or(StoreError::Reference)?;
        row.status = review.status;
        row.decision = review.decision;
        row.decided_member = review.decided_member;
        row.decided_by = review.decided_by;
        row.decided_at = review.decided_at;
        if row.status != ReviewStatus::Open {
            row.new.guest = emptied(&row.new.guest);
        }
        Ok(())
    }

    pub(crate) fn forget_in_pms(&mut self, member: MemberId) -> Result<(), StoreError> {
        let mut linked = Vec::new();
        for (_, link) in self.pms.links.values_mut() {
            if link.member == Some(member) {
                link.state = LinkState::Erased;
                link.member = None;
                link.facts = PmsFacts::default();
                linked.push(ReviewSubject::Guest(link.code.clone()));
            }
        }
        let open = self.pms.reviews.values();
        let concerned: Vec<Review> = open
            .filter(|review| review.status == ReviewStatus::Open)
            .filter(|r| r.new.candidates == [member] || linked.contains(&r.new.subject))
            .cloned()
            .collect();
        for mut review in concerned {
            review.status = ReviewStatus::Settled;
            self.settle_review_row(&review)?;
            // Guests who were only to be asked about are as unknown as before.
            if let ReviewSubject::Guest(code) = &review.new.subject
                && let Some((_, link)) = self.pms.links.get(code)
                && link.state == LinkState::Review
            {
                self.pms.links.remove(code);
            }
            linked.push(review.new.subject);
        }
        let waiting = &mut self.pms.waiting;
        waiting.retain(|_, (subject, _)| !linked.contains(subject));
        Ok(())
    }

    /// What the row of a deleted member takes along by its foreign keys.
    pub(crate) fn delete_from_pms(&mut self, member: MemberId) {
        for (_, link) in self.pms.links.values_mut() {
            link.member = link.member.filter(|id| *id != member);
        }
        for review in self.pms.reviews.values_mut() {
            review.new.candidates.retain(|id| *id != member);
            review.decided_member = review.decided_member.filter(|id| *id != member);
            let named = Some(ReviewDecision::Member(member));
            review.decision = review.decision.filter(|_| review.decision != named);
        }
    }
}
