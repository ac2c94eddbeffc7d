use serde::Deserialize;

/// What a column may say, in nobody's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    GuestCode,
    LastName,
    FirstName,
    FullName,
    IdNumber,
    Gender,
    Birthday,
    Email,
    Phone,
    #[serde(rename = "phone_2")]
    Phone2,
    #[serde(rename = "phone_3")]
    Phone3,
    #[serde(rename = "phone_4")]
    Phone4,
    Visits,
    Vip,
    AcceptMarketing,
    MergedInto,
    UpdatedAt,
    OrderNumber,
    OrderRoom,
    OrderStatus,
    GuestStatus,
    RoomType,
    RoomCode,
    CheckInDate,
    CheckOutDate,
    ArrivedOn,
    LeftOn,
    CancelledOn,
    NoShow,
    Amount,
    RoomTotal,
    ServiceTotal,
    OtherTotal,
    BookedAt,
}

impl Field {
    /// Where phones stand, the most likely one first.
    pub(crate) const PHONES: [Self; 4] = [Self::Phone, Self::Phone2, Self::Phone3, Self::Phone4];

    /// The name by which profiles of file imports know it; that of the data file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::GuestCode => "guest_code",
            Self::LastName => "last_name",
            Self::FirstName => "first_name",
            Self::FullName => "full_name",
            Self::IdNumber => "id_number",
            Self::Gender => "gender",
            Self::Birthday => "birthday",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Phone2 => "phone_2",
            Self::Phone3 => "phone_3",
            Self::Phone4 => "phone_4",
            Self::Visits => "visits",
            Self::Vip => "vip",
            Self::AcceptMarketing => "accept_marketing",
            Self::MergedInto => "merged_into",
            Self::UpdatedAt => "updated_at",
            Self::OrderNumber => "order_number",
            Self::OrderRoom => "order_room",
            Self::OrderStatus => "order_status",
            Self::GuestStatus => "guest_status",
            Self::RoomType => "room_type",
            Self::RoomCode => "room_code",
            Self::CheckInDate => "check_in_date",
            Self::CheckOutDate => "check_out_date",
            Self::ArrivedOn => "arrived_on",
            Self::LeftOn => "left_on",
            Self::CancelledOn => "cancelled_on",
            Self::NoShow => "no_show",
            Self::Amount => "amount",
            Self::RoomTotal => "room_total",
            Self::ServiceTotal => "service_total",
            Self::OtherTotal => "other_total",
            Self::BookedAt => "booked_at",
        }
    }
}
