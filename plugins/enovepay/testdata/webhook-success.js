{
success: true,
status_code: 100,
message: 'Transaction completed Successfully',
transaction_id: '4c2a169dda4c54f61d33',
transaction_amount: 10,
sender_name: 'Johhn Nadala',
transaction_ref: 'Ymdnsfh',
debitor_account: 'Ymdnsfh',
transaction_status: 'Success',
command_status: 'ok',
reference_number: 'Ymdnsfh'
}
