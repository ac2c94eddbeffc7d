use super::combine::combine;
use super::record::Remembered;
use super::{MergeRefusal, NewMerge};
use crate::{Member, MemberError, MemberRecord, Members, MembersTx, SealedIdNumber};
use crm_kernel::{Actor, AuditEntry, Facts, FieldError, MemberId, MergeId};
use tracing::instrument;

/// What came of two members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// By which it can be undone.
    pub merge_id: MergeId,
    /// The one member, as stored now.
    pub kept: Member,
}

impl Members {
    /// Makes one member of two: `kept` takes over what `from` knows better and everything that
    /// is `from`'s, and `from` is no more.
    ///
    /// # Errors
    /// `member_invalid` (on `from_member_id`) for the same or an unknown other member,
    /// `member_not_found`, `both_have_line`, `different_id_numbers`, `campaign_under_way`, or the
    /// store's.
    #[instrument(name = "members.merge", skip_all, fields(?actor, member.id = %kept, merge.id))]
    pub async fn merge(
        &self,
        actor: &Actor,
        kept: MemberId,
        from: MemberId,
    ) -> Result<Merged, MemberError> {
        if kept == from {
            return Err(invalid("must be another member"));
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let (mut kept, from) = find_both(&mut *tx, kept, from).await?;
        self.check(kept.record(), from.record())?;
        refuse_under_way(&mut *tx, &[kept.id(), from.id()]).await?;

        let before = kept.record().clone();
        kept.become_record(combine(&before, from.record(), now), now);
        let new = NewMerge {
            kept: kept.id(),
            from: from.id(),
            merged_by: actor.user_id(),
            merged_at: now,
        };
        let merge_id = tx.merges().insert(&new).await?;
        let absorbed = tx.merges().absorb(merge_id, kept.id(), from.id()).await?;
        tx.members().update(&kept).await?;
        let remembered = Remembered {
            kept: before,
            from: from.record().clone(),
            one: kept.record().clone(),
            dropped_tags: absorbed.dropped_tags,
        };
        let record = remembered.to_json()?;
        tx.merges().keep_record(merge_id, &record).await?;
        let moved = tx.merges().count_moves(merge_id).await?;
        let moved = moved.into_iter();
        let moved = moved.map(|(what, rows)| (what.as_str().to_owned(), rows.into()));
        let entry = AuditEntry::new(actor, now, "member.merged", "member", kept.id().get())
            .with("from_member_id", from.id().get())
            .with("merge_id", merge_id.get())
            .with("moved", moved.collect::<Facts>());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        tracing::Span::current().record("merge.id", merge_id.get());
        Ok(Merged { merge_id, kept })
    }

    fn check(&self, kept: &MemberRecord, from: &MemberRecord) -> Result<(), MergeRefusal> {
        if kept.line.is_some() && from.line.is_some() {
            return Err(MergeRefusal::BothHaveLine);
        }
        if let (Some(one), Some(other)) = (&kept.id_number, &from.id_number)
            && !self.is_same_number(one, other)
        {
            return Err(MergeRefusal::DifferentIdNumbers);
        }
        Ok(())
    }

    /// During a change of keys one number may be stored under two indexes.
    pub(crate) fn is_same_number(&self, one: &SealedIdNumber, other: &SealedIdNumber) -> bool {
        one.blind_index == other.blind_index
            || self.vault.open(&one.ciphertext).is_ok_and(|number| {
                self.vault
                    .blind_indexes(&number)
                    .contains(&other.blind_index)
            })
    }
}

/// Both members, locked in the order of their ids: two merges never wait in a circle.
async fn find_both(
    tx: &mut dyn MembersTx,
    kept: MemberId,
    from: MemberId,
) -> Result<(Member, Member), MemberError> {
    let mut found = [None, None];
    for id in [kept.min(from), kept.max(from)] {
        found[usize::from(id == from)] = tx.members().find(id).await?;
    }
    let [kept, from] = found;
    let kept = kept.ok_or(MemberError::NotFound)?;
    let from = from.ok_or_else(|| invalid("does not exist"))?;
    Ok((kept, from))
}

/// The words that a batch said to LINE name its members by id; nobody of them may become
/// another before it is known what came of it.
pub(super) async fn refuse_under_way(
    tx: &mut dyn MembersTx,
    members: &[MemberId],
) -> Result<(), MemberError> {
    match tx.merges().campaign_under_way(members).await? {
        Some(campaign) => Err(MergeRefusal::CampaignUnderWay(campaign).into()),
        None => Ok(()),
    }
}

fn invalid(message: &str) -> MemberError {
    MemberError::Invalid(vec![FieldError::new("from_member_id", message)])
}
